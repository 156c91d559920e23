import { parseSync, Visitor } from 'oxc-parser';
import type { Argument, Expression } from 'oxc-parser';

/** One way in which a file reaches another: static, dynamic, type-only, re-export or `require`. */
interface Import {
  line: number;
  /** Undefined when it is computed at run time: then nobody can tell what is imported. */
  specifier: string | undefined;
}

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  path: string;
  imports: Import[];
  /** Lines that ask the machine for the present instant. */
  clockReads: { line: number; what: string }[];
  syntaxErrors: { line: number; message: string }[];
}

/** A string known without running the program. */
function literal(node: Expression | Argument | null | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}

/** The last name of `a.b.c` or `a['c']`, or of a plain `c`. */
function lastName(node: Expression): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression') return undefined;
  if (node.computed) return literal(node.property);
  return node.property.name;
}

function isDate(node: Expression): boolean {
  return lastName(node) === 'Date';
}

/** Functions that load a module by a name given as their first argument. */
const loaders = new Set(['require', 'getBuiltinModule']);

/** Reads what a source file imports, and where it reads the machine's clock. */
export function readSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }
  const lineOf = (offset: number) => lineStarts.filter((start) => start <= offset).length;

  // A name given to a string once, as TypeScript wants it for a module it does not know.
  const constants = new Map<string, string | undefined>();
  new Visitor({
    VariableDeclaration: ({ kind, declarations }) => {
      for (const { id, init } of declarations) {
        if (id.type !== 'Identifier') continue;
        // Two of one name: which is meant where, only a scope analysis could tell.
        const certain = kind === 'const' && !constants.has(id.name);
        constants.set(id.name, certain ? literal(init) : undefined);
      }
    },
  }).visit(program);
  const known = (node: Expression | Argument | undefined) =>
    node?.type === 'Identifier' ? constants.get(node.name) : literal(node);

  const file: SourceFile = { path, imports: [], clockReads: [], syntaxErrors: [] };
  for (const error of errors) {
    file.syntaxErrors.push({ line: lineOf(error.labels[0]?.start ?? 0), message: error.message });
  }
  const imported = (node: { start: number }, specifier: string | undefined) => {
    file.imports.push({ line: lineOf(node.start), specifier });
  };
  const clockRead = (node: { start: number }, what: string) => {
    file.clockReads.push({ line: lineOf(node.start), what });
  };

  new Visitor({
    ImportDeclaration: (node) => imported(node, node.source.value),
    ExportAllDeclaration: (node) => imported(node, node.source.value),
    ExportNamedDeclaration: (node) => {
      if (node.source) imported(node, node.source.value);
    },
    ImportExpression: (node) => imported(node, known(node.source)),
    TSImportType: (node) => imported(node, node.source.value),
    TSExternalModuleReference: (node) => imported(node, node.expression.value),
    CallExpression: (node) => {
      if (loaders.has(lastName(node.callee) ?? '')) imported(node, known(node.arguments[0]));
      if (isDate(node.callee)) clockRead(node, 'Date()');
    },
    NewExpression: (node) => {
      if (isDate(node.callee) && node.arguments.length === 0) clockRead(node, 'new Date()');
    },
    MemberExpression: (node) => {
      if (isDate(node.object) && lastName(node) === 'now') clockRead(node, 'Date.now');
    },
  }).visit(program);
  return file;
}
