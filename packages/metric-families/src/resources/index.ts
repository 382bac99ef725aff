import type { Resource } from "../resource.ts";
import { certificatesigningrequests } from "./certificatesigningrequest.ts";
import { clusterroles } from "./clusterrole.ts";
import { clusterrolebindings } from "./clusterrolebinding.ts";
import { configmaps } from "./configmap.ts";
import { cronjobs } from "./cronjob.ts";
import { daemonsets } from "./daemonset.ts";
import { deployments } from "./deployment.ts";
import { endpoints } from "./endpoints.ts";
import { endpointslices } from "./endpointslice.ts";
import { horizontalpodautoscalers } from "./horizontalpodautoscaler.ts";
import { ingresses } from "./ingress.ts";
import { ingressclasses } from "./ingressclass.ts";
import { jobs } from "./job.ts";
import { leases } from "./lease.ts";
import { limitranges } from "./limitrange.ts";
import { mutatingadmissionpolicies } from "./mutatingadmissionpolicy.ts";
import { mutatingadmissionpolicybindings } from "./mutatingadmissionpolicybinding.ts";
import { mutatingwebhookconfigurations } from "./mutatingwebhookconfiguration.ts";
import { namespaces } from "./namespace.ts";
import { networkpolicies } from "./networkpolicy.ts";
import { nodes } from "./node.ts";
import { persistentvolumes } from "./persistentvolume.ts";
import { persistentvolumeclaims } from "./persistentvolumeclaim.ts";
import { pods } from "./pod.ts";
import { poddisruptionbudgets } from "./poddisruptionbudget.ts";
import { replicasets } from "./replicaset.ts";
import { replicationcontrollers } from "./replicationcontroller.ts";
import { resourcequotas } from "./resourcequota.ts";
import { roles } from "./role.ts";
import { rolebindings } from "./rolebinding.ts";
import { secrets } from "./secret.ts";
import { services } from "./service.ts";
import { serviceaccounts } from "./serviceaccount.ts";
import { statefulsets } from "./statefulset.ts";
import { storageclasses } from "./storageclass.ts";
import { validatingadmissionpolicies } from "./validatingadmissionpolicy.ts";
import { validatingadmissionpolicybindings } from "./validatingadmissionpolicybinding.ts";
import { validatingwebhookconfigurations } from "./validatingwebhookconfiguration.ts";
import { volumeattachments } from "./volumeattachment.ts";

/** Every built-in resource by its plural name, in exposition order. */
export const resources: Readonly<Record<string, Resource<never>>> = {
  certificatesigningrequests: erased(certificatesigningrequests),
  clusterrolebindings: erased(clusterrolebindings),
  clusterroles: erased(clusterroles),
  configmaps: erased(configmaps),
  cronjobs: erased(cronjobs),
  daemonsets: erased(daemonsets),
  deployments: erased(deployments),
  endpoints: erased(endpoints),
  endpointslices: erased(endpointslices),
  horizontalpodautoscalers: erased(horizontalpodautoscalers),
  ingressclasses: erased(ingressclasses),
  ingresses: erased(ingresses),
  jobs: erased(jobs),
  leases: erased(leases),
  limitranges: erased(limitranges),
  mutatingadmissionpolicies: erased(mutatingadmissionpolicies),
  mutatingadmissionpolicybindings: erased(mutatingadmissionpolicybindings),
  mutatingwebhookconfigurations: erased(mutatingwebhookconfigurations),
  namespaces: erased(namespaces),
  networkpolicies: erased(networkpolicies),
  nodes: erased(nodes),
  persistentvolumeclaims: erased(persistentvolumeclaims),
  persistentvolumes: erased(persistentvolumes),
  poddisruptionbudgets: erased(poddisruptionbudgets),
  pods: erased(pods),
  replicasets: erased(replicasets),
  replicationcontrollers: erased(replicationcontrollers),
  resourcequotas: erased(resourcequotas),
  rolebindings: erased(rolebindings),
  roles: erased(roles),
  secrets: erased(secrets),
  serviceaccounts: erased(serviceaccounts),
  services: erased(services),
  statefulsets: erased(statefulsets),
  storageclasses: erased(storageclasses),
  validatingadmissionpolicies: erased(validatingadmissionpolicies),
  validatingadmissionpolicybindings: erased(validatingadmissionpolicybindings),
  validatingwebhookconfigurations: erased(validatingwebhookconfigurations),
  volumeattachments: erased(volumeattachments),
};

/**
 * Forgets the object's type, so that tables of all kinds fit one list. Sound as long as what is rendered was decoded with the
 * same resource's schema, which is the only way to come by a value that fits.
 */
function erased<T>(resource: Resource<T>): Resource<never> {
  return resource as unknown as Resource<never>;
}
