using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>
/// Prepares a notice: reads what it is to show, masks it, gives it a number, and resumes the instance, which puts it up. What
/// looks like an identity or phone number is masked whatever the definition calls it.
/// </summary>
public sealed class NoticePreparation(WorkflowRuntime runtime, NpgsqlDataSource database, CaseVault vault, BusinessClock clock) : IOutboxHandler
{
    public const string WorkKind = "notice.post";

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<NoticeOrder>(message.Payload, NoticeSource.Json)!;
        if (await CaseValues.ReadAsync(database, vault, message.InstanceId, cancellationToken) is not { } values)
            return new OutboxResult.Dead($"Instance {message.InstanceId} has no case whose notice could be posted.");
        var content = NoticeContent.Of(order.Plan.Title, order.Plan.Lines.Select(l => Field(l, values)));
        var (number, list) = await NumbersAsync(order, cancellationToken);
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId,
                Stimulus = new Stimulus.Resume(order.BookmarkId, JsonSerializer.SerializeToElement(new { number })),
                Actor = Actor.System,
                Domain = new NoticePosted { NoticeId = order.NoticeId, Number = number, Content = content, List = list },
            }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            // Posted before, or cancelled meanwhile.
        }
        return OutboxResult.Ok;
    }

    private static NoticeField Field(NoticeSource line, Dictionary<string, string?> values)
    {
        var value = line.Text ?? values.GetValueOrDefault(line.From!);
        if (value is not null && line.Texts?.GetValueOrDefault(value) is { } word)
            value = word;
        return new NoticeField(line.Label, line.Kind, value);
    }

    /// <summary>示才公示〔2026〕18号. A notice keeps the number that it was given first.</summary>
    private Task<string> NumberAsync(Guid id, string series, CancellationToken cancellationToken) =>
        NumberAsync(id, series, (year, serial) => string.Create(CultureInfo.InvariantCulture, $"{series}〔{year}〕{serial}号"), cancellationToken);

    /// <summary>A notice of a list is numbered within it: 示才公示〔2026〕18号之3.</summary>
    private async Task<(string Number, NoticeListKey? List)> NumbersAsync(NoticeOrder order, CancellationToken cancellationToken)
    {
        var plan = order.Plan;
        if (plan.List is not { Length: > 0 } name)
            return (await NumberAsync(order.NoticeId, plan.Series, cancellationToken), null);
        var list = new NoticeListKey(DerivedId.For(Guid.Empty, $"{plan.Series}\n{name}", 1, "notice-list"), name);
        var whole = await NumberAsync(list.Id, plan.Series, cancellationToken);
        return (await NumberAsync(order.NoticeId, whole, (_, serial) => string.Create(CultureInfo.InvariantCulture, $"{whole}之{serial}"), cancellationToken), list);
    }

    private async Task<string> NumberAsync(Guid id, string series, Func<int, int, string> write, CancellationToken cancellationToken)
    {
        if (await GivenAsync(id, cancellationToken) is { } given)
            return given;
        var year = ChinaTime.DateOf(clock.Now).Year;
        var serial = await NoticeSerials.NextAsync(database, series, year, cancellationToken);
        await database.QueryAsync("insert into approvals.notice_numbers (notice_id, number) values ($1, $2) on conflict do nothing", _ => 0, cancellationToken, id, write(year, serial));
        return (await GivenAsync(id, cancellationToken))!;
    }

    private Task<string?> GivenAsync(Guid noticeId, CancellationToken cancellationToken) =>
        database.SingleAsync("select number from approvals.notice_numbers where notice_id = $1", r => r.GetString(0), cancellationToken, noticeId);
}
