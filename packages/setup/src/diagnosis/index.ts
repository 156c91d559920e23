/** `@sfjwt/setup/diagnosis`: why signing in fails, in one tree of findings. */

export { causes } from './cause.ts';
export type { CauseCode } from './cause.ts';
export { diagnose } from './diagnosis.ts';
export type { Diagnosis } from './diagnosis.ts';
export { explainError } from './error-text.ts';
export type { AdminView, DiagnosedSettings, DiagnosisOptions } from './examination.ts';
export { grounds } from './finding.ts';
export type { Cure, Evidence, Finding, FindingState, Ground } from './finding.ts';
