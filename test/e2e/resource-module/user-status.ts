// The state of KubeSphere's User. It stands below `status`, so the whole object has to be read, `spec.password` included: a module of its own,
// for those who want that.
import {
  defineResource,
  familiesOf,
  field,
  message,
  objectMeta,
  oneOf,
  type DefinedResource,
  type ObjectMeta,
} from "kube-state-mosaic/module";

interface User {
  readonly metadata: ObjectMeta;
  readonly status: { readonly state: string };
}

const { gauge } = familiesOf<User>();

export const userStatus: DefinedResource<User> = defineResource<User>({
  name: "users-status",
  group: "iam.kubesphere.io",
  version: "v1alpha2",
  kind: "User",
  plural: "users",
  namespaced: false,
  schema: message<User>("User", {
    metadata: field.one(objectMeta),
    status: field.one(message("UserStatus", { state: field.string })),
  }),
  identity: { user: ({ metadata }) => metadata.name },
  families: () => [
    gauge("kube_user_status_state", "State of the user.", {
      ...oneOf(
        "state",
        ["Active", "Disabled", "AuthLimitExceeded"],
        ({ status }: User) => status.state || undefined,
      ),
    }),
  ],
});
