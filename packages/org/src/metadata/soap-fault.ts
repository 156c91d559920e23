/** The error shape of SOAP. */
export class SoapFault extends Error {
  override readonly name = 'SoapFault';
  /** Of Salesforce, such as INVALID_SESSION_ID; `Client` for what is no call of the API at all. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
