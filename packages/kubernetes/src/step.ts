/** What a reflector does next. */
export type Step =
  /** Read everything; absent `atLeast` means consistently. */
  | { readonly do: "list"; readonly atLeast: string | undefined }
  | { readonly do: "watch"; readonly from: string; readonly seconds?: number | undefined }
  | { readonly do: "wait"; readonly ms: number; readonly next: Step };
