-- Health of Problems, TestSuites, SolutionJobs, Submissions, Budgets and ModelProviders
-- for Argo CD.
-- It says what kstatus says: Ready of the newest generation is Healthy, Stalled
-- is Degraded, everything else is Progressing.
local health = { status = "Progressing", message = "waiting for the operator" }
if obj.metadata.deletionTimestamp ~= nil then
  health.message = "being deleted"
  return health
end
if obj.status == nil or obj.status.conditions == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Ready" then
    health.message = condition.message
    if condition.status == "True" then
      health.status = "Healthy"
    elseif condition.status == "False" then
      health.status = "Degraded"
    end
  end
end
return health
