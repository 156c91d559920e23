import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends every run with one plain line, `N passed, N failed`, that a person and a script read alike.
 * Before it, every skipped test is named: a part that is missing here must not pass unseen.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const skipped: string[] = [];
    let passed = 0;
    // An error outside of a test fails the run, so it counts like a failed test.
    let failed = unhandled.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'skipped') {
          const reason = result.note === undefined ? '' : ` (${result.note})`;
          skipped.push(`skipped: ${module.relativeModuleId} > ${test.fullName}${reason}`);
        } else failed++;
      }
    }
    const rest = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
    process.stdout.write(
      `${[...skipped, `${passed} passed, ${failed} failed${rest}`].join('\n')}\n`,
    );
  }
}
