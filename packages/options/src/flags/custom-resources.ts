/** Metrics of custom resources, by configuration or by code. */
export const customResourceFlags = {
  customResourceStateOnly: {
    name: "custom-resource-state-only",
    type: "bool",
    configKey: "custom_resources_only",
    help: "Expose custom resources only; --resources is then ignored.",
  },
  customResourceStateConfig: {
    name: "custom-resource-state-config",
    type: "string",
    configKey: "custom_resource_config",
    help: "Custom resource configuration as inline YAML; it wins over the file.",
  },
  customResourceStateConfigFile: {
    name: "custom-resource-state-config-file",
    type: "path",
    configKeyDeprecated: "custom_resource_config_file",
    help: "File with the custom resource configuration, a directory whose files are merged, or several with commas between them; changes are taken up while running.",
  },
  continueWithoutCustomResourceStateConfigFile: {
    name: "continue-without-custom-resource-state-config-file",
    type: "bool",
    help: "Start although the custom resource configuration file does not exist, and load it when it appears.",
  },
  resourceModule: {
    name: "resource-module",
    type: "paths",
    placeholder: "FILE",
    commands: ["worker", "render"],
    own: true,
    help: "TypeScript or JavaScript module with resources of your own, exposed by default like the built-in ones; may be repeated.",
  },
} as const;
