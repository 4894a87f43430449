import { AppError, type ErrorCode } from '../kernel/errors.ts';
import type { Finding } from '../validator/finding.ts';

/** A refused request whose places are named by findings. */
export class ContentError extends AppError {
  readonly findings: readonly Finding[];
  /** In place of the code's own HTTP status. */
  readonly status: number | undefined;

  constructor(
    findings: readonly Finding[],
    { code = 'VALIDATION_FAILED', detail, status }: { code?: ErrorCode; detail?: string; status?: number } = {},
  ) {
    const first = findings.find(({ severity }) => severity === 'error')?.message;
    super(code, detail !== undefined ? { detail } : first !== undefined ? { detail: first } : {});
    this.findings = findings;
    this.status = status;
  }
}

/** One place of the request's content that is wrong. @param path a JSON pointer (RFC 6901) */
export function createContentFinding(code: string, path: string, message: string, mend?: string): Finding {
  return {
    severity: 'error',
    code,
    message,
    line: null,
    column: null,
    endLine: null,
    endColumn: null,
    path,
    ...(mend === undefined ? {} : { mend }),
  };
}

/** @throws ContentError when there are any. */
export function refuseIfAny(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new ContentError(findings);
}
