interface Webhook {
  readonly name: string;
  readonly clientConfig: {
    readonly service: { readonly name: string; readonly namespace: string } | undefined;
  };
}
interface WebhookConfiguration {
  readonly webhooks: readonly Webhook[];
}

/** One row per webhook, with the service it calls; both texts of the service are empty for a webhook that is called by URL. */
export const webhookServices = {
  rows: ({ webhooks }: WebhookConfiguration): readonly Webhook[] => webhooks,
  labels: {
    webhook_name: ({ name }: Webhook): string => name,
    service_name: ({ clientConfig }: Webhook): string | undefined => clientConfig.service?.name,
    service_namespace: ({ clientConfig }: Webhook): string | undefined =>
      clientConfig.service?.namespace,
  },
};
