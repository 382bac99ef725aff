/** Why a value cannot be taken; `reason` continues the sentence "the value is …". */
export class Invalid {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
