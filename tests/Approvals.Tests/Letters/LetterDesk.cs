using System.Text;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>Letters as tests read them.</summary>
internal static class LetterDesk
{
    /// <summary>The letters of a case once all work is done, none of which failed.</summary>
    public static async Task<IReadOnlyList<LetterSummary>> Letters(this FiledCase filed, Person? reader = null)
    {
        await filed.Desk.Deliver();
        Assert.Equal("", await filed.Desk.Scalar<string>("select coalesce(string_agg(kind || ': ' || last_error, ' '), '') from engine.outbox_failed"));
        return await filed.Desk.Get<LetterReader>().ListAsync((reader ?? filed.Applicant).Caller, filed.Id, default);
    }

    /// <summary>The last letter of a kind.</summary>
    public static async Task<LetterSummary> Letter(this FiledCase filed, string kind) => (await filed.Letters()).Last(l => l.Kind == kind);

    public static async Task<string> Html(this FiledCase filed, LetterSummary letter, Person? reader = null) =>
        Encoding.UTF8.GetString((await filed.Desk.Get<LetterReader>().ContentAsync((reader ?? filed.Applicant).Caller, filed.Id, letter.Id, null, default)).Html);

    /// <summary>The letters that are to be issued, as the outbox hands them over.</summary>
    public static Task<List<OutboxMessage>> Orders(this CaseDesk desk) => desk.Rows($"select seq, id, instance_id, payload, created_at from engine.outbox where kind = '{LetterIssuing.WorkKind}' order by seq", r => new OutboxMessage
    {
        Sequence = r.GetInt64(0), Id = r.GetGuid(1), InstanceId = r.GetGuid(2), Kind = LetterIssuing.WorkKind, OrderingKey = null, Payload = r.GetFieldValue<byte[]>(3), Attempts = 0, CreatedAt = r.GetFieldValue<DateTimeOffset>(4),
    });

    /// <summary>What delivers them.</summary>
    public static LetterIssuing Issuing(this CaseDesk desk) => desk.Get<IEnumerable<IOutboxHandler>>().OfType<LetterIssuing>().Single();
}
