using System.Text.RegularExpressions;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>One call of the API: what is sent, and what the answer is to look like.</summary>
/// <param name="Route">As the server has it, below <c>/elsa/api</c>.</param>
/// <param name="Path">What is asked for, with names in braces that <see cref="ContractData"/> fills in; null: the route itself.</param>
/// <param name="Body">JSON, or <c>@name</c>: a form with one file in it.</param>
/// <param name="Shape">The shape of the JSON; null: the answer has none.</param>
internal sealed record Call(string Method, string Route, string? Path = null, string? Body = null, int Status = 200, string? Shape = null, string MediaType = "application/json");

/// <summary>Every endpoint below <c>/elsa/api</c>, at least once.</summary>
internal static class Contract
{
    private const string Ids = """{"definitionIds":["{published}","contract","nowhere"]}""";
    private const string Model = """{"name":"Saved","variables":[{"id":"v1","name":"Order","typeName":"String","isArray":false,"value":"A-1"}],"inputs":[{"type":"String","name":"From"}],"outputs":[{"type":"String","name":"To"}],"outcomes":["Won"],"root":{"id":"f1","type":"Elsa.Flowchart","version":1,"activities":[{"id":"w1","type":"TYPE","version":1}]}}""";

    public static IReadOnlyList<Call> Calls { get; } =
    [
        new("GET", "/descriptors/activities", "/descriptors/activities?Refresh=True", Shape: "activity-descriptors"),
        new("GET", "/descriptors/activities/{typeName}", "/descriptors/activities/Talent.ReviewStage", Shape: "activity-descriptor"),
        new("POST", "/descriptors/activities/{typeName}/options/{propertyName}", "/descriptors/activities/Talent.ReviewStage/options/Role", "{}", Shape: "activity-options"),
        new("GET", "/descriptors/expression-descriptors", Shape: "expression-descriptors"),
        new("GET", "/descriptors/variables", Shape: "variables"),
        new("GET", "/descriptors/storage-drivers", Shape: "storage-drivers"),
        new("GET", "/descriptors/workflow-activation-strategies", Shape: "strategies"),
        new("GET", "/descriptors/incident-strategies", Shape: "strategies"),
        new("GET", "/descriptors/log-persistence-strategies", Shape: "strategies"),
        new("GET", "/descriptors/commit-strategies/workflows", Shape: "nothing"),
        new("GET", "/descriptors/commit-strategies/activities", Shape: "nothing"),
        new("GET", "/descriptors/output-converters", "/descriptors/output-converters?sourceType=String&destinationType=Int32", Shape: "nothing"),
        new("GET", "/features/installed", Shape: "features"),
        new("GET", "/features/installed/{fullName}", "/features/installed/Elsa.Flowchart", Shape: "feature"),
        new("GET", "/package/version", Shape: "package-version"),
        new("POST", "/scripting/javascript/type-definitions/{definitionId}", "/scripting/javascript/type-definitions/contract", """{"workflowDefinitionId":"contract","activityTypeName":"Elsa.RunJavaScript","propertyName":"Script"}""", MediaType: "text/plain"),

        new("GET", "/workflow-definitions", "/workflow-definitions?versionOptions=Latest&Page=0&PageSize=10&SearchTerm=&IsSystem=False&OrderDirection=Ascending", Shape: "definition-list"),
        new("GET", "/workflow-definitions/by-id/{id}", "/workflow-definitions/by-id/{version}", Shape: "definition"),
        new("GET", "/workflow-definitions/by-definition-id/{definitionId}", "/workflow-definitions/by-definition-id/contract", Shape: "definition"),
        new("GET", "/workflow-definitions/by-definition-id/{definitionId}", "/workflow-definitions/by-definition-id/missing", Status: 404, Shape: "problem"),
        new("GET", "/workflow-definitions/{definitionId}", "/workflow-definitions/contract?versionOptions=Published", Shape: "definition"),
        new("GET", "/workflow-definitions/many-by-id", "/workflow-definitions/many-by-id?ids={version}", Shape: "definitions"),
        new("GET", "/workflow-definitions/query/count", Shape: "count"),
        new("GET", "/workflow-definitions/validation/is-name-unique", "/workflow-definitions/validation/is-name-unique?name=Workflow%201", Shape: "is-name-unique"),
        new("GET", "/workflow-definitions/{definitionId}/versions", "/workflow-definitions/contract/versions", Shape: "definition-versions"),
        new("GET", "/workflow-definitions/{definitionId}/consumers", "/workflow-definitions/{outdated}/consumers", Shape: "consumers"),
        new("GET", "/workflow-definitions/subgraph/{id}", "/workflow-definitions/subgraph/{version}", Shape: "node"),
        new("GET", "/workflow-definitions/subgraph/segments/{id}", "/workflow-definitions/subgraph/segments/{version}?childNodeId=Workflow1:flow:check:say", Shape: "segments"),

        new("POST", "/workflow-definitions", Body: $$"""{"model":{{Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal)}},"publish":true}""", Shape: "saved-definition"),
        new("POST", "/workflow-definitions", Body: $$"""{"model":{{Model.Replace("TYPE", "Elsa.Nope", StringComparison.Ordinal)}},"publish":false}""", Shape: "saved-draft"),
        new("POST", "/workflow-definitions", Body: $$"""{"model":{{Model.Replace("TYPE", "Elsa.Nope", StringComparison.Ordinal)}},"publish":true}""", Status: 400, Shape: "problem"),
        new("POST", "/workflow-definitions/{definitionId}/publish", "/workflow-definitions/contract/publish", "{}", Shape: "saved-definition"),
        new("POST", "/workflow-definitions/{definitionId}/retract", "/workflow-definitions/{published}/retract", "{}", Shape: "definition"),
        new("POST", "/workflow-definitions/{definitionId}/revert/{version:int}", "/workflow-definitions/{published}/revert/1", Status: 201, Shape: "definition-summary"),
        new("POST", "/workflow-definitions/{definitionId}/update-references", "/workflow-definitions/{outdated}/update-references", "{}", Shape: "affected-workflows"),
        new("DELETE", "/workflow-definitions/{definitionId}", "/workflow-definitions/{published}", Status: 204),
        new("DELETE", "/workflow-definitions/{definitionId}/version/{version:int}", "/workflow-definitions/{published}/version/1", Status: 204),
        new("DELETE", "/workflow-definition-versions/{id}", "/workflow-definition-versions/{published}-v1", Status: 204),
        new("POST", "/bulk-actions/publish/workflow-definitions/by-definition-ids", Body: Ids, Shape: "bulk-publish"),
        new("POST", "/bulk-actions/publish/workflow-definitions/by-definition-id", Body: Ids, Shape: "bulk-publish"),
        new("POST", "/bulk-actions/retract/workflow-definitions/by-definition-ids", Body: """{"definitionIds":["{published}","nowhere"]}""", Shape: "bulk-retract"),
        new("POST", "/bulk-actions/retract/workflow-definitions/by-definition-id", Body: """{"definitionIds":["{published}","nowhere"]}""", Shape: "bulk-retract"),
        new("POST", "/bulk-actions/delete/workflow-definitions/by-definition-id", Body: """{"definitionIds":["{published}"]}""", Shape: "deleted"),
        new("POST", "/bulk-actions/delete/workflow-definitions/by-definition-ids", Body: """{"definitionIds":["{published}"]}""", Shape: "deleted"),
        new("POST", "/bulk-actions/delete/workflow-definitions/by-id", Body: """{"ids":["{published}-v1"]}""", Shape: "deleted"),
        new("POST", "/workflow-definitions/import", Body: Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal), Shape: "definition"),
        new("PUT", "/workflow-definitions/import", Body: Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal), Shape: "definition"),
        new("POST", "/workflow-definitions/{definitionId}/import", "/workflow-definitions/{published}/import", Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal), Shape: "definition"),
        new("PUT", "/workflow-definitions/{definitionId}/import", "/workflow-definitions/{published}/import", Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal), Shape: "definition"),
        new("POST", "/workflow-definitions/import-files", Body: $"@{Model.Replace("TYPE", "Elsa.WriteLine", StringComparison.Ordinal)}", Shape: "count"),
        new("GET", "/workflow-definitions/{definitionId}/export", "/workflow-definitions/contract/export?versionOptions=Latest&includeConsumingWorkflows=False", Shape: "definition-file"),
        new("POST", "/workflow-definitions/{definitionId}/export", "/workflow-definitions/contract/export", Shape: "definition-file"),
        new("GET", "/bulk-actions/export/workflow-definitions", "/bulk-actions/export/workflow-definitions?ids={version}", MediaType: "application/zip"),
        new("POST", "/bulk-actions/export/workflow-definitions", Body: """{"ids":["{version}"],"includeConsumingWorkflows":false}""", MediaType: "application/zip"),
        new("POST", "/workflow-definitions/{definitionId}/execute", "/workflow-definitions/contract/execute", """{"correlationId":"C-1","triggerActivityId":null,"versionOptions":"Latest","input":null}""", Shape: "workflow-state"),
        new("POST", "/workflow-definitions/{definitionId}/dispatch", "/workflow-definitions/contract/dispatch", """{"correlationId":"C-2"}""", Shape: "workflow-instance-id"),
        new("POST", "/workflow-definitions/{definitionId}/bulk-dispatch", "/workflow-definitions/contract/bulk-dispatch", """{"count":2}""", Shape: "workflow-instance-ids"),

        new("POST", "/workflow-instances", Body: """{"page":0,"pageSize":5,"orderBy":"Created","orderDirection":"Descending","statuses":["Running"],"subStatuses":["{substatus}"]}""", Shape: "instance-list"),
        new("GET", "/workflow-instances", "/workflow-instances?PageSize=10&Ids={id}", Shape: "instance-list"),
        new("GET", "/workflow-instances/{id}", Shape: "instance"),
        new("GET", "/workflow-instances/{id}", "/workflow-instances/missing", Status: 404, Shape: "problem"),
        new("GET", "/workflow-instances/{id}/execution-state", Shape: "execution-state"),
        new("GET", "/workflow-instances/{id}/variables", Shape: "instance-variables"),
        new("POST", "/workflow-instances/{id}/variables", "/workflow-instances/{running}/variables", """{"variables":[{"id":"v1","value":"B-2"}]}""", Shape: "instance-variables"),
        new("GET", "/workflow-instances/{id}/journal", "/workflow-instances/{id}/journal?skip=0&take=100", Shape: "journal"),
        new("POST", "/workflow-instances/{id}/journal", "/workflow-instances/{id}/journal?skip=0&take=110", """{"filter":{"activityIds":null,"activityNodeIds":null,"excludedActivityTypes":["Elsa.Workflow","Elsa.Flowchart"],"eventNames":["Started","Completed"]}}""", Shape: "journal"),
        new("GET", "/workflow-instances/{id}/journal/{activityId}", "/workflow-instances/{id}/journal/wait", Shape: "journal-line"),
        new("POST", "/activity-executions/report", Body: """{"workflowInstanceId":"{id}","activityNodeIds":["Workflow1:flow:check","Workflow1:flow:bad"]}""", Shape: "execution-report"),
        new("GET", "/activity-executions/list", "/activity-executions/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:flow:wait", Shape: "execution-list"),
        new("POST", "/activity-executions/list", Body: """{"workflowInstanceId":"{id}","activityNodeId":"Workflow1:flow:wait"}""", Shape: "execution-list"),
        new("GET", "/activity-execution-summaries/list", "/activity-execution-summaries/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:flow:wait", Shape: "execution-summaries"),
        new("GET", "/activity-executions/count", "/activity-executions/count?WorkflowInstanceId={id}", Shape: "count"),
        new("GET", "/activity-executions/by-id", "/activity-executions/by-id?id={execution}", Shape: "execution"),
        new("GET", "/activity-executions/{id}", "/activity-executions/{execution}", Shape: "execution"),
        new("GET", "/activity-executions/{id}/call-stack", "/activity-executions/{execution}/call-stack?includeCrossWorkflowChain=True&skip=0&take=100", Shape: "call-stack"),
        new("POST", "/cancel/workflow-instances/{id}", "/cancel/workflow-instances/{running}", "{}"),
        new("POST", "/bulk-actions/cancel/workflow-instances", Body: """{"ids":["{running}"],"definitionVersionId":null,"definitionId":null,"versionOptions":null}""", Shape: "cancelled"),
        new("DELETE", "/workflow-instances/{id}", "/workflow-instances/{running}", Status: 400, Shape: "problem"),
        new("POST", "/bulk-actions/delete/workflow-instances/by-id", Body: """{"ids":["{running}"]}""", Status: 400, Shape: "problem"),
        new("POST", "/bulk-actions/delete/workflow-instances/by-id", Body: """{"ids":["019a0000-0000-7000-8000-000000000000"]}""", Shape: "deleted"),
        new("GET", "/workflow-instances/{id}/export", "/workflow-instances/{id}/export?includeBookmarks=True&includeActivityExecutionLog=True&includeWorkflowExecutionLog=True", Shape: "instance-file"),
        new("POST", "/workflow-instances/{id}/export", "/workflow-instances/{id}/export?includeBookmarks=True&includeActivityExecutionLog=True&includeWorkflowExecutionLog=True", Shape: "instance-file"),
        new("GET", "/bulk-actions/export/workflow-instances", "/bulk-actions/export/workflow-instances?ids={id}", MediaType: "application/zip"),
        new("POST", "/bulk-actions/export/workflow-instances", Body: """{"ids":["{id}"]}""", MediaType: "application/zip"),
        new("POST", "/workflow-instances/import", Body: "{exported}", Shape: "imported"),
        new("POST", "/bulk-actions/import/workflow-instances", Body: "@{exported}", Shape: "imported"),

        new("POST", "/events/{eventName}/trigger", "/events/go/trigger", """{"workflowInstanceId":"{running}"}""", Shape: "event"),
        new("POST", "/events/{eventName}/trigger", "/events/unheard-of/trigger", """{"correlationId":"api-sample-1"}""", Shape: "event"),
        new("POST", "/bookmarks/resume", Body: """{"bookmarkId":"{bookmark}"}"""),
        new("POST", "/bookmarks/resume", "/bookmarks/resume?t=bad", "{}", Status: 400, Shape: "problem"),
        new("POST", "/tasks/{taskId}/complete", "/tasks/{task}/complete", """{"result":{"ok":true}}"""),
        new("POST", "/alterations/workflows/retry", Body: """{"workflowInstanceIds":["{id}"]}""", Shape: "retry"),
        new("POST", "/alterations/run", Body: """{"alterations":[{"type":"ModifyVariable","variableId":"v1","value":"C-3"}],"workflowInstanceIds":["{running}"]}""", Shape: "retry"),
        new("POST", "/alterations/dry-run", Body: """{"workflowInstanceIds":["{running}"]}""", Shape: "dry-run"),
        new("POST", "/alterations/dry-run", Body: """{"alterations":[{"type":"ModifyVariable","variableId":"v1","value":"C-3"}],"filter":{"workflowInstanceIds":["{running}"]}}""", Shape: "dry-run-plan"),
        new("POST", "/alterations/submit", Body: """{"alterations":[{"type":"ModifyVariable","variableId":"v1","value":"D-4"}],"filter":{"workflowInstanceIds":["{running}"]}}""", Shape: "plan-id"),
        new("GET", "/alterations/{planId}", "/alterations/{plan}", Shape: "alteration-plan"),
    ];
}

/// <summary>What calls are about: definitions and instances, each made when a call names it.</summary>
internal sealed partial class ContractData(RunningServer server)
{
    // A start, two branches (one nested), a wait in each, a failure behind one of them, a task.
    private const string Document = """
        {"definitionId":"contract","name":"契约","description":"Everything that an answer can hold",
         "variables":[{"id":"v1","name":"Order","typeName":"String","isArray":false,"value":"A-1"}],"inputs":[{"type":"String","name":"From","displayName":"From"}],
         "outputs":[{"type":"String","name":"To","displayName":"To"}],"outcomes":["Won"],"customProperties":{"mine":1},"options":{"autoUpdateConsumingWorkflows":false},
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"check","type":"Elsa.If","version":1,"name":"Check","condition":{"typeName":"Boolean","expression":{"type":"Literal","value":true}},
           "then":{"id":"say","type":"Elsa.WriteLine","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"你好"}}}},
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}}},
          {"id":"task","type":"Elsa.RunTask","version":1,"taskName":{"typeName":"String","expression":{"type":"Literal","value":"核对"}}},
          {"id":"bad","type":"Elsa.Fault","version":1,"message":{"typeName":"String","expression":{"type":"Literal","value":"出错"}}}],
         "connections":[{"source":{"activity":"check","port":"Done"},"target":{"activity":"wait","port":"In"}},{"source":{"activity":"check","port":"Done"},"target":{"activity":"task","port":"In"}},
          {"source":{"activity":"wait","port":"Done"},"target":{"activity":"bad","port":"In"}}]}}
        """;

    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);

    [GeneratedRegex("""\{([a-z]+)\}""")]
    private static partial Regex Name { get; }

    /// <summary>A text with its names filled in; the same name is the same thing again.</summary>
    public async Task<string> FillAsync(string text)
    {
        foreach (var name in Name.Matches(text).Select(m => m.Groups[1].Value).Distinct())
        {
            if (!known.ContainsKey(name))
                known[name] = await MakeAsync(name);
            text = text.Replace($"{{{name}}}", known[name], StringComparison.Ordinal);
        }
        return text;
    }

    public async Task PublishAsync() => (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document)).Is(200);

    private Task<string> MakeAsync(string name) => name switch
    {
        "id" => FailedAsync(),
        "running" => StartAsync(),
        "substatus" => SuspendedAsync(),
        "version" => ReadAsync("/workflow-definitions/by-definition-id/contract", "id"),
        "execution" => ExecutionAsync(),
        "bookmark" => WaitAsync("wait"),
        "task" => WaitAsync("task"),
        "published" => DefinitionAsync(),
        "outdated" => OutdatedAsync(),
        "exported" => ExportAsync(),
        "plan" => PlanAsync(),
        _ => throw new InvalidOperationException($"Nothing is called '{name}'."),
    };

    private async Task<string> StartAsync() => (await server.SendAsync("POST", "/elsa/api/workflow-definitions/contract/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;

    private async Task<string> FailedAsync()
    {
        var id = await StartAsync();
        (await server.SendAsync("POST", "/elsa/api/events/go/trigger", new { workflowInstanceId = id })).Is(200);
        return id;
    }

    private async Task<string> SuspendedAsync()
    {
        await StartAsync();
        return "Suspended";
    }

    private async Task<string> ExecutionAsync() =>
        (await server.SendAsync("GET", $"/elsa/api/activity-executions/list?WorkflowInstanceId={await FailedAsync()}&ActivityNodeId=Workflow1:flow:wait")).Is(200).Json.GetProperty("items")[0].GetProperty("id").GetString()!;

    private async Task<string> WaitAsync(string activity) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{await StartAsync()}")).Is(200).Json.GetProperty("workflowState").GetProperty("bookmarks")
        .EnumerateArray().Single(b => b.GetProperty("activityId").GetString() == activity).GetProperty("id").GetString()!;

    private async Task<string> DefinitionAsync()
    {
        var id = $"contract-{Guid.NewGuid():N}";
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document.Replace("\"definitionId\":\"contract\"", $"\"definitionId\":\"{id}\"", StringComparison.Ordinal))).Is(200);
        return id;
    }

    /// <summary>A definition that another uses in a version which isn't the published one.</summary>
    private async Task<string> OutdatedAsync()
    {
        var id = await DefinitionAsync();
        (await server.SaveAsync(Editor.Model($"{id}-user", "Consumer", $$"""{"id":"c","type":"UsedAsActivity","version":1,"workflowDefinitionId":"{{id}}","workflowDefinitionVersionId":"{{id}}-v0"}"""))).Is(200);
        return id;
    }

    private async Task<string> ExportAsync() => (await server.SendAsync("GET", await FillAsync("/elsa/api/workflow-instances/{running}/export"))).Is(200).Text;

    private async Task<string> PlanAsync() => (await server.SendAsync("POST", "/elsa/api/alterations/submit",
        await FillAsync("""{"alterations":[{"type":"ModifyVariable","variableId":"v1","value":"E-5"}],"filter":{"workflowInstanceIds":["{running}"]}}"""))).Is(200).Json.GetProperty("planId").GetString()!;

    private async Task<string> ReadAsync(string path, string member) => (await server.SendAsync("GET", $"/elsa/api{path}")).Is(200).Json.GetProperty(member).GetString()!;
}
