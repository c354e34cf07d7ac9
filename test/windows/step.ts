/** What one step on Windows came to; `detail` is shown where it is not right. */
export interface Step {
  readonly name: string;
  readonly isRight: boolean;
  readonly detail: string;
}
