using System.Net;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>A case of the shipped flow whose panel has passed it and whose notice is up, on a real database.</summary>
internal sealed record NoticeDesk(CaseDesk Desk, FiledCase Filed) : IAsyncDisposable
{
    private static int said;

    public NoticeCommands Commands => Desk.Get<NoticeCommands>();

    public NoticeReader Reader => Desk.Get<NoticeReader>();

    public Person Clerk => Desk.As("notice-clerk");

    /// <summary>The shipped flow with other inputs of its notice: texts and whole numbers.</summary>
    public static string With(params (string Name, object Value)[] inputs)
    {
        var json = JsonNode.Parse(PanelDesk.ShippedDefinition)!;
        var notice = json["root"]!["activities"]!.AsArray().Single(a => (string?)a!["type"] == NoticeStage.TypeName)!;
        foreach (var (name, value) in inputs)
            notice[name] = new JsonObject { ["typeName"] = value is int ? "Int32" : "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = JsonValue.Create(value) } };
        return json.ToJsonString();
    }

    public static async Task<NoticeDesk> OpenAsync(params (string Name, object Value)[] inputs)
    {
        var panel = await PanelDesk.OpenAsync(inputs.Length == 0 ? null : With(inputs));
        await panel.Cast("pass", "pass", "pass", "pass", "pass");
        return new NoticeDesk(panel.Desk, panel.Filed);
    }

    public async Task<NoticeView> NoticeAsync() => Assert.Single((await Reader.ListAsync(null, null, default)).Items);

    public async Task<string> Object(Guid notice, string? text = null, string contact = "objector@public.example.org", string from = "203.0.113.7", string name = "白路人")
    {
        // Each its own unless the test says what is said: the same words twice are one objection.
        text ??= $"申报材料与事实不符之 {Interlocked.Increment(ref said)}。";
        var mail = contact.Contains('@', StringComparison.Ordinal);
        var objection = new Objection { ContactName = name, Email = mail ? contact : null, Phone = mail ? null : contact, Statement = text };
        return (await Commands.ObjectAsync(notice, objection, IPAddress.Parse(from), default)).Number;
    }

    public Task Correct(Guid notice, string reason, params (string Label, string? Text)[] lines) => CorrectAs(Clerk, notice, reason, lines);

    public Task CorrectAs(Person person, Guid notice, string? reason, params (string Label, string? Text)[] lines) =>
        Desk.Get<NoticeClerk>().CorrectAsync(person.Caller, notice, reason, null, [.. lines.Select(l => new LineCorrection(l.Label, l.Text))], null, default);

    public Task Extend(Guid notice, int workdays, string? reason = "公示页面曾短时无法访问") => Desk.Get<NoticeClerk>().ExtendAsync(Clerk.Caller, notice, reason, workdays, null, default);

    public async Task<Guid[]> ObjectionTasks() => [.. (await Clerk.Inbox("candidates")).Where(t => t.Kind == "objection").Select(t => t.Id)];

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
