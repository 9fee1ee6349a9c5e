import { boolOf, elementsOf, field, textOf, textsOf } from '../profile/fields.js';
import type { Node } from '../profile/node.js';

/** `sidecar`: an init container with restartPolicy Always. */
export type ContainerRole = 'container' | 'init' | 'sidecar' | 'ephemeral';

/** A container of a pod, as far as seccomp depends on it. */
export interface Container {
  readonly name: string;
  readonly role: ContainerRole;
  readonly image: string;
  readonly node: Node;
  readonly securityContext: Node | undefined;
  readonly privileged: boolean;
  /** Undefined: not said, so privileges can be gained. */
  readonly allowPrivilegeEscalation: boolean | undefined;
  /** As written: Kubernetes wants names without `CAP_`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** All containers of a pod, in the order in which they start. */
export function containersOf(spec: Node): readonly Container[] {
  return [
    ...elementsOf(field(spec, 'initContainers')).map((node) =>
      container(node, textOf(field(node, 'restartPolicy')) === 'Always' ? 'sidecar' : 'init'),
    ),
    ...elementsOf(field(spec, 'containers')).map((node) => container(node, 'container')),
    ...elementsOf(field(spec, 'ephemeralContainers')).map((node) => container(node, 'ephemeral')),
  ];
}

function container(node: Node, role: ContainerRole): Container {
  const securityContext = field(node, 'securityContext');
  return {
    name: textOf(field(node, 'name')) ?? '',
    role,
    image: textOf(field(node, 'image')) ?? '',
    node,
    securityContext,
    privileged: boolOf(field(securityContext, 'privileged')) === true,
    allowPrivilegeEscalation: boolOf(field(securityContext, 'allowPrivilegeEscalation')),
    capAdd: textsOf(field(securityContext, 'capabilities', 'add')),
    capDrop: textsOf(field(securityContext, 'capabilities', 'drop')),
  };
}
