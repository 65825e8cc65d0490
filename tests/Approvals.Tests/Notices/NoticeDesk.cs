using System.Net;
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

    public static async Task<NoticeDesk> OpenAsync()
    {
        var panel = await PanelDesk.OpenAsync();
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

    public async Task<Guid[]> ObjectionTasks() => [.. (await Clerk.Inbox("candidates")).Where(t => t.Kind == "objection").Select(t => t.Id)];

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
