/** How the Kubernetes API is reached and asked. */
export const kubernetesApiFlags = {
  apiserver: {
    name: "apiserver",
    type: "string",
    help: "URL of the API server; it replaces the server of --kubeconfig, and without --kubeconfig it is used without credentials.",
  },
  kubeconfig: {
    name: "kubeconfig",
    type: "path",
    help: "Kubeconfig file whose current context is used; empty means the service account of the pod.",
  },
  useApiserverCache: {
    name: "use-apiserver-cache",
    type: "bool",
    commands: ["worker"],
    configKey: "use_api_server_cache",
    help: "Send every list request with resourceVersion=0, so that the API server answers from its cache.",
  },
  objectLimit: {
    name: "object-limit",
    type: "int64",
    commands: ["worker"],
    default: "0",
    help: "Most objects taken from the list of one resource and namespace; 0 means all, more turns streaming lists off.",
  },
  allowFullSecrets: {
    name: "allow-full-secrets",
    type: "bool",
    commands: ["worker"],
    own: true,
    help: "Read whole Secrets, values included, where the API server does not offer them as table rows.",
  },
} as const;
