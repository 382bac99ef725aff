// rbac.authorization.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { message, one, string, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

const roleRef: Message<RoleRef> = message<RoleRef>("RoleRef", {
  kind: string(2),
  name: string(3),
});

export interface ClusterRoleBinding {
  readonly metadata: ObjectMeta;
  readonly roleRef: RoleRef;
}

export const clusterRoleBinding: Message<ClusterRoleBinding> = message<ClusterRoleBinding>(
  "ClusterRoleBinding",
  {
    metadata: one(1, objectMeta),
    roleRef: one(3, roleRef),
  },
);

export interface ClusterRole {
  readonly metadata: ObjectMeta;
}

export const clusterRole: Message<ClusterRole> = message<ClusterRole>("ClusterRole", {
  metadata: one(1, objectMeta),
});

export interface RoleBinding {
  readonly metadata: ObjectMeta;
  readonly roleRef: RoleRef;
}

export const roleBinding: Message<RoleBinding> = message<RoleBinding>("RoleBinding", {
  metadata: one(1, objectMeta),
  roleRef: one(3, roleRef),
});

export interface Role {
  readonly metadata: ObjectMeta;
}

export const role: Message<Role> = message<Role>("Role", {
  metadata: one(1, objectMeta),
});
