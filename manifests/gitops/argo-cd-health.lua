-- What Argo CD is to show of a Sandbox: resource.customizations.health.sidetrack.dev_Sandbox of the ConfigMap argocd-cm.
-- Degraded is what does not mend itself while nobody changes anything, or seldom.
local degraded = {
  BaselineMissing = true,
  ContainerNotStarted = true,
  Crashing = true,
  Evicted = true,
  Forbidden = true,
  ImageNotPulled = true,
  Invalid = true,
  KeyTaken = true,
  NamespaceNotEnabled = true,
  NoAgents = true,
  PodsRefused = true,
  QuotaExceeded = true,
  TooManySandboxes = true,
}

local health = { status = "Progressing", message = "The controller has not looked at it yet." }
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" and condition.observedGeneration == obj.metadata.generation then
    health.message = condition.message
    if condition.status == "True" then
      health.status = "Healthy"
    elseif degraded[condition.reason] then
      health.status = "Degraded"
    end
  end
end
return health
