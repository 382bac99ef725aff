/** The form of a body, by its response's `Content-Type`: what was asked for does not matter. */
export function isProtobuf(contentType: string): boolean {
  const [mediaType = ""] = contentType.split(";");
  return mediaType.trim().toLowerCase() === "application/vnd.kubernetes.protobuf";
}
