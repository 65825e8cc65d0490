using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>A list of notices (名单) as the public sees it.</summary>
/// <param name="Items">Those that are up, in the order of posting.</param>
/// <param name="Sha256">Of what is shown: of each item's number and SHA-256, every one followed by LF, in their order.</param>
/// <param name="Removed">Those that were taken off because an objection held: their numbers, and when. Nothing tells whose they were.</param>
public sealed record NoticeListView(Guid Id, string Number, string Name, string? Title, IReadOnlyList<NoticeView> Items, string Sha256, IReadOnlyList<RemovedNotice> Removed);

/// <param name="At">Not shown from then on, UTC.</param>
public sealed record RemovedNotice(string Number, DateTimeOffset At);

/// <summary>
/// Shows lists. A list is nothing but the notices that name it: each has its own case, window and objections, so that one that is
/// upheld takes one person off, and the others go on.
/// </summary>
/// <remarks>Source: R-NOT-1, R-NOT-2.</remarks>
public sealed class NoticeLists(NoticeStore store, NoticeReader reader, BusinessClock clock)
{
    /// <summary>What the public may see of a list.</summary>
    /// <param name="at">What was shown at an instant, for the office that posted it.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: <paramref name="at"/> by somebody else.</exception>
    public async Task<NoticeListView> ReadAsync(Guid id, DateTimeOffset? at, Caller? caller, CancellationToken cancellationToken)
    {
        var rows = await store.ListedAsync(id, cancellationToken);
        if (rows is not [{ List: { } list } first, ..])
            throw new WorkflowException(ErrorCodes.NotFound, $"There is no list {id} of notices. Check the id.", "该公示名单不存在。");
        if (at is not null)
            await reader.RequireOfficeAsync(first, caller, cancellationToken);
        var items = rows.Select(r => at is { } instant ? reader.ShownTo(r, instant >= r.EndedAt ? null : r.Notice.ShownAt(instant)) : NoticeReader.View(r, clock.Now)).Where(v => v.Lines.Count > 0).ToArray();
        var number = await store.ListNumberAsync(id, cancellationToken) ?? list.Name;
        return new NoticeListView(id, number, list.Name, items.FirstOrDefault()?.Title, items, Hash(items),
            [.. rows.Where(r => r.Ending == "upheld" && r.EndedAt <= (at ?? clock.Now)).Select(r => new RemovedNotice(r.Number, r.EndedAt!.Value))]);
    }

    private static string Hash(NoticeView[] items) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(items.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Number}\n{i.Sha256}\n"))))));
}
