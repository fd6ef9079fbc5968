/** What is said of a span. Never an object's key, a name of a person or an address: traces leave the system. */
export type TraceAttributes = Readonly<Record<string, string | number | boolean>>

/** Tells a collector what requests and jobs wait for. Where traces are off there is none, and nothing asks for it. */
export interface Tracing extends AsyncDisposable {
  /**
   * Begins the span of a request.
   * @param parent the request's `traceparent` and `tracestate` (W3C Trace Context)
   */
  request(parent: { readonly traceparent?: unknown; readonly tracestate?: unknown }): RequestTrace
  /** Does a part of what the current request or job does. Where there is none, or it is over, only does it. */
  step<T>(name: string, attributes: TraceAttributes, work: () => Promise<T>): Promise<T>
  /** Does what no request waits for. */
  job<T>(name: string, attributes: TraceAttributes, work: () => Promise<T>): Promise<T>
  /** Says something of the current request or job as a whole. */
  note(attributes: TraceAttributes): void
}

export interface RequestTrace {
  /** Whatever follows from `work` is part of the request. */
  run(work: () => void): void
  end(name: string, attributes: TraceAttributes, isError: boolean): void
}
