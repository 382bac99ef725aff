// KubeSphere's User (iam.kubesphere.io/v1alpha2): limits of what a user may take, kept as annotations. Only the metadata is read, so
// that the API server never sends `spec.password`.
import {
  amountOrZero,
  annotations,
  bytes,
  cores,
  created,
  defineResource,
  familiesOf,
  labels,
  message,
  field,
  objectMeta,
  type DefinedResource,
  type ObjectMeta,
} from "kube-state-mosaic/module";

interface User {
  readonly metadata: ObjectMeta;
}

const { gauge, info } = familiesOf<User>();

const annotation =
  (name: string) =>
  ({ metadata }: User) =>
    metadata.annotations.get(name);

export const users: DefinedResource<User> = defineResource<User>({
  group: "iam.kubesphere.io",
  version: "v1alpha2",
  kind: "User",
  plural: "users",
  namespaced: false,
  schema: message<User>("User", { metadata: field.one(objectMeta) }),
  identity: { user: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList, invalid }) => [
    info("kube_user_info", "The user exists.", {}),
    gauge("kube_user_created", "Time the user was created, in Unix seconds.", { ...created }),
    gauge("kube_user_labels", "Allow-listed labels of the user.", { ...labels(labelsAllowList) }),
    gauge("kube_user_annotations", "Allow-listed annotations of the user.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_user_cpu_total", "Cores the user may take, 0 where no limit can be read.", {
      value: amountOrZero({
        field: "user-cpu-limit",
        text: annotation("user-cpu-limit"),
        unit: cores,
        invalid,
      }),
    }),
    gauge("kube_user_memory_total", "Bytes the user may take, 0 where no limit can be read.", {
      value: amountOrZero({
        field: "user-memory-limit",
        text: annotation("user-memory-limit"),
        unit: bytes,
        invalid,
      }),
    }),
  ],
});
