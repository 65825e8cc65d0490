using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>A case of the shipped flow that has come as far as its panel, on a real database.</summary>
internal sealed record PanelDesk(CaseDesk Desk, FiledCase Filed) : IAsyncDisposable
{
    public const string Secretary = "panel-secretary";

    public static string ShippedDefinition { get; } = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "political-work-title", "definition.json"));

    /// <summary>The shipped flow with other inputs of its panel; a value of type Object is JSON.</summary>
    public static string With(params (string Name, string Type, string Value)[] inputs)
    {
        var json = JsonNode.Parse(ShippedDefinition)!;
        var panel = json["root"]!["activities"]!.AsArray().Single(a => (string?)a!["type"] == "Talent.ExpertPanel")!;
        // All seats are of the service's fields, however many there are.
        if (inputs.FirstOrDefault(i => i.Name == "seats") is { Value: { } seats } && panel["fields"]!["expression"] is { } fields)
            fields["value"] = fields["value"]!.GetValue<string>().Replace("\"atLeast\": 5", $"\"atLeast\": {seats}", StringComparison.Ordinal);
        foreach (var (name, type, value) in inputs)
            panel[name] = new JsonObject { ["typeName"] = type, ["expression"] = new JsonObject { ["type"] = type == "Object" ? "Object" : "Literal", ["value"] = value } };
        return json.ToJsonString();
    }

    public PanelCommands Commands => Desk.Get<PanelCommands>();

    /// <summary>All reviews are passed; the panel is drawn.</summary>
    public static async Task<PanelDesk> OpenAsync(string? definition = null, Action<string>? prepare = null)
    {
        var desk = await CaseDesk.OpenAsync(definition ?? ShippedDefinition, prepare);
        return new PanelDesk(desk, await FileAsync(desk));
    }

    /// <summary>Another case, as far as its panel.</summary>
    public static async Task<FiledCase> FileAsync(CaseDesk desk, ServiceSample? sample = null)
    {
        var filed = await desk.SubmittedAsync(sample);
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        await desk.As("emp-metro-reviewer-2").Approve(filed);
        await desk.As("unit-assets-reviewer-2").Approve(filed);
        await desk.As("bureau-reviewer-1").Approve(filed);
        await DeliverAsync(desk);
        return filed;
    }

    /// <summary>All work that the steps left is done; none of it failed.</summary>
    public static async Task DeliverAsync(CaseDesk desk)
    {
        await desk.Deliver();
        Assert.Equal("", await desk.Scalar<string>("select coalesce(string_agg(kind || ': ' || last_error, ' '), '') from engine.outbox_failed"));
    }

    /// <summary>The case's panel that is at work, else its newest, as its secretary sees it.</summary>
    public async Task<PanelView> PanelAsync() => await Desk.Get<PanelReader>().ListAsync(Desk.As(Secretary).Caller, Filed.Id, default) is var panels && panels.LastOrDefault(p => p.Status != "closed") is { } working
        ? working : panels[^1];

    public async Task<string[]> WaitingAsync() => [.. (await PanelAsync()).Experts!.Where(e => e.State == "waiting").Select(e => e.Id)];

    public Task Cast(Guid panel, string expert, string vote, string? comment = null) =>
        Commands.CastAsync(Desk.As(expert).Caller, panel, vote, default, comment, null, default);

    /// <summary>The first experts of those who haven't answered vote, one vote each.</summary>
    public async Task Cast(params string[] votes)
    {
        var panel = await PanelAsync();
        foreach (var (expert, vote) in (await WaitingAsync()).Zip(votes))
            await Cast(panel.Id, expert, vote);
        await DeliverAsync(Desk);
    }

    public async Task Recuse(string expert, string reason = "与申报人有合作关系")
    {
        await Commands.RecuseAsync(Desk.As(expert).Caller, (await PanelAsync()).Id, reason, null, default);
        await DeliverAsync(Desk);
    }

    /// <summary>The secretary fills the seats of the newest panel.</summary>
    public async Task<IReadOnlyList<string>> FillAsync(string[]? experts = null, string? reason = null, string user = Secretary)
    {
        var seated = await Commands.FillAsync(Desk.As(user).Caller, (await PanelAsync()).Id, experts, reason, null, default);
        await DeliverAsync(Desk);
        return seated;
    }

    public Task<PanelResultView> ResultAsync(Guid panel, string user = Secretary) => Desk.Get<PanelReader>().ResultAsync(Desk.As(user).Caller, panel, default);

    public static async Task<string> Code(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Code;

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
