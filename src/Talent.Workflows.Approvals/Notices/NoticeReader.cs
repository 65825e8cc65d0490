using System.Globalization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>A notice as the public sees it. <see cref="Lines"/> is empty when it isn't up any more.</summary>
/// <param name="Sha256">Of what is or was shown, see <see cref="NoticeContent.Hash"/>.</param>
/// <param name="State">open, over (waits for objections to be decided), concluded, upheld or cancelled.</param>
/// <param name="Until">UTC and exclusive: 24:00 of the last day.</param>
/// <param name="Provisional">暂定: a holiday calendar that isn't out yet may still move <paramref name="Until"/>.</param>
public sealed record NoticeView(Guid Id, string Number, string State, string? Title, IReadOnlyList<NoticeLine> Lines, DateTimeOffset From, DateTimeOffset Until, bool Provisional, string Sha256)
{
    /// <summary>Who may object.</summary>
    public ObjectorRule Objections { get; init; }

    /// <summary>All that was shown so far, oldest first, without what it said.</summary>
    public IReadOnlyList<NoticeEditionView> Editions { get; init; } = [];

    /// <summary>The list that it is on; null: none.</summary>
    public NoticeListKey? List { get; init; }
}

/// <summary>One edition of a notice.</summary>
/// <param name="At">Shown from then on, UTC.</param>
/// <param name="Until">UTC and exclusive, as was announced with it.</param>
/// <param name="Reason">Why it was corrected or extended; null: by rule, or the notice is over.</param>
public sealed record NoticeEditionView(int Number, NoticeChange Change, DateTimeOffset At, DateTimeOffset Until, string Sha256, string? Reason);

/// <summary>An objection as the notice clerk sees it: personal data.</summary>
public sealed record ObjectionView(Guid Id, string Number, DateTimeOffset FiledAt, Guid TaskId, string? Name, string? Phone, string? Email, string Text, string State, string? Outcome, string? Opinion)
{
    /// <summary>When it was accepted (受理), where that is decided apart.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    public IReadOnlyList<EvidenceView> Evidence { get; init; } = [];
}

/// <summary>A file that came with an objection, to be read by its <paramref name="Place"/>, from 1.</summary>
/// <param name="Kind"><c>pdf</c>, <c>jpg</c> or <c>png</c>.</param>
public sealed record EvidenceView(int Place, string Kind, int Bytes, string Sha256);

/// <summary>A file with the name to save it under.</summary>
public sealed record EvidenceFile(byte[] Content, string MediaType, string Name);

/// <summary>Who posted a notice, and how to reach them.</summary>
/// <param name="Unit">The organisation's name.</param>
/// <param name="Service">The service's name.</param>
public sealed record NoticeOffice(string? Unit, string? Service, ServiceHotline? Hotline);

/// <summary>Shows notices: to the public while they are up, and to the office what the public saw at any time (R-NOT-2).</summary>
public sealed class NoticeReader(NoticeStore store, PanelStore users, BusinessClock clock, Cursors cursors, ServiceCatalogue services)
{
    private const int LargestPage = 100;
    private const string List = "notices";

    /// <summary>The notices that were posted last, as many as the feed has, newest first.</summary>
    public async Task<IReadOnlyList<NoticeView>> NewestAsync(CancellationToken cancellationToken) =>
        [.. (await store.NewestAsync(clock.Now, LargestPage, cancellationToken)).Select(r => View(r, clock.Now))];

    public async Task<Page<NoticeView>> ListAsync(string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var size = Math.Clamp(limit ?? 20, 1, LargestPage);
        var rows = await store.OpenAsync(clock.Now, Position(cursors.Read(List, cursor)), size + 1, cancellationToken);
        var more = rows.Count > size;
        return new Page<NoticeView>([.. rows.Take(size).Select(r => View(r, clock.Now))], cursors.Write(List, more ? Position(rows[size - 1]) : null));
    }

    /// <summary>What the public may see: the content while it is up; afterwards number, window and hash.</summary>
    /// <param name="at">What was shown at an instant, for the office that posted it and whoever has an objection to it to decide.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: <paramref name="at"/> by somebody else.</exception>
    public async Task<NoticeView> ReadAsync(Guid id, DateTimeOffset? at, Caller? caller, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(id, cancellationToken) ?? throw NoticeCommands.NotFound(id);
        if (at is null)
            return View(row, clock.Now);
        if (caller is null || (await HandledAsync(row, caller, cancellationToken)).Tasks.Length == 0)
            await RequireOfficeAsync(row, caller, cancellationToken);
        var shown = at >= row.EndedAt ? null : row.Notice.ShownAt(at.Value);
        return ShownTo(row, shown);
    }

    /// <summary>A notice with what was shown of it at an instant, for the office: null is nothing.</summary>
    internal NoticeView ShownTo(NoticeRow row, NoticeEdition? shown)
    {
        var view = View(row, clock.Now) with { Title = shown?.Content.Title, Lines = shown?.Content.Lines ?? [], Editions = EditionsOf(row, reasons: true) };
        return shown is null ? view : view with { Sha256 = shown.Content.Hash(), Until = shown.Window.DueAt, Provisional = shown.Window.Provisional };
    }

    /// <summary>What became of an objection, for whoever has its receipt.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<ObjectionProgress> ProgressAsync(string? receipt, CancellationToken cancellationToken) =>
        await store.ProgressAsync(string.Concat((receipt ?? "").Where(char.IsAsciiLetterOrDigit).Take(64)).ToUpperInvariant(), cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.NotFound, "No objection has this receipt. Check what was typed.", "没有与该查询码对应的异议，请检查后重新输入。");

    /// <summary>A file that came with an objection, for the clerks who handle it. That it was read is recorded.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task<EvidenceFile> EvidenceAsync(Guid id, Guid objectionId, int place, Caller caller, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(id, cancellationToken) ?? throw NoticeCommands.NotFound(id);
        var objection = await ObjectionsAsync(row, caller, objectionId, null, 1, cancellationToken) is [var found] ? found : null;
        if (objection?.Evidence.FirstOrDefault(e => e.Place == place) is not { } file || await store.EvidenceAsync(objectionId, place, cancellationToken) is not { } content)
            throw new WorkflowException(ErrorCodes.NotFound, $"Objection {objectionId} to notice {id} has no file {place}. Read the list of objections.", "没有该证明材料。");
        await store.RecordReadAsync(row, objectionId, place, caller.Credential, caller.User, clock.Now, cancellationToken);
        return new EvidenceFile(content, FileKinds.MediaType(file.Kind), MaterialFileName.For(row.Number, objection.Number, "证明材料", file.Kind, place));
    }

    /// <summary>Who to turn to about a notice.</summary>
    public async Task<NoticeOffice> OfficeAsync(Guid id, CancellationToken cancellationToken)
    {
        var poster = await store.PostedByAsync(id, cancellationToken);
        var found = poster?.Service is { } service ? (await services.FindAsync(service, cancellationToken))?.Service : null;
        return new NoticeOffice(poster?.Unit, found?.Zh, found?.Hotline);
    }

    /// <summary>The objections to a notice in the order in which they came: for the clerks who handle them, and for whoever has one of them to decide, that one.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task<Page<ObjectionView>> ObjectionsAsync(Guid id, string? cursor, int? limit, Caller caller, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(id, cancellationToken) ?? throw NoticeCommands.NotFound(id);
        var (list, size) = ($"objections|{id:N}", Math.Clamp(limit ?? 50, 1, LargestPage));
        var found = await ObjectionsAsync(row, caller, null, Position(cursors.Read(list, cursor)), size + 1, cancellationToken);
        return new Page<ObjectionView>([.. found.Take(size)], cursors.Write(list, found.Count > size ? Position(found[size - 1].FiledAt, found[size - 1].Id) : null));
    }

    private async Task<IReadOnlyList<ObjectionView>> ObjectionsAsync(NoticeRow row, Caller caller, Guid? only, (DateTimeOffset, Guid)? after, int limit, CancellationToken cancellationToken)
    {
        // Who objected, and how to reach them, is for the clerks who handle it: not for every role of the office.
        var (roles, tasks) = await HandledAsync(row, caller, cancellationToken);
        if (roles.Count == 0 && tasks.Length == 0)
            throw NotForYou(row);
        var found = await store.ObjectionsAsync(row.Id, roles, tasks, only, after, limit, cancellationToken);
        if (found.Count == 0 && after is null && await store.HasObjectionsAsync(row.Id, only, cancellationToken))
            throw NotForYou(row);
        var files = (await store.FilesAsync(found.Select(o => o.Id), cancellationToken)).ToLookup(f => f.Objection, f => new EvidenceView(f.Place, f.Kind, f.Bytes, f.Sha256));
        return [.. found.Select(o => new ObjectionView(
            o.Id, o.Number, o.FiledAt, o.TaskId, o.Name, o.Phone, o.Email, o.Statement, o.TaskStatus < 2 ? "open" : o.Outcome is null ? "cancelled" : "decided", o.Outcome, o.Opinion)
        { AcceptedAt = o.AcceptedAt, Evidence = [.. files[o.Id]] })];
    }

    internal static NoticeView View(NoticeRow row, DateTimeOffset now)
    {
        var state = row.Ending ?? (row.Notice.IsOpen(now) ? "open" : "over");
        var edition = row.Notice.Current;
        return new NoticeView(row.Id, row.Number, state, state == "open" ? edition.Content.Title : null, state == "open" ? edition.Content.Lines : [],
            row.OpenedAt, row.ClosesAt, edition.Window.Provisional, row.Hash)
        { Objections = row.Notice.Rule.Objections, Editions = EditionsOf(row, reasons: state == "open"), List = row.List };
    }

    // A reason may speak of what was shown, which isn't public any more when the notice is over.
    private static NoticeEditionView[] EditionsOf(NoticeRow row, bool reasons) =>
        [.. row.Notice.Editions.Select(e => new NoticeEditionView(e.Number, e.Change, e.ShownFrom, e.Window.DueAt, e.Content.Hash(), reasons ? e.Reason : null))];

    /// <exception cref="WorkflowException"><c>forbidden</c>: the caller isn't of the office that posted the notice.</exception>
    internal async Task RequireOfficeAsync(NoticeRow row, Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is null || (await HandledAsync(row, caller, cancellationToken)).Roles.Count == 0)
            throw NotForYou(row);
    }

    /// <summary>
    /// By what the caller has to do with a notice: roles at the office that posted it — where it names none, its clerks' anywhere — and open
    /// objections that they may decide, as a delegate or because it was given to them too. Nothing for the applicant, and for other services' keys.
    /// </summary>
    private async Task<(HashSet<string> Roles, Guid[] Tasks)> HandledAsync(NoticeRow row, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.User is not { } user || !await store.IsAnothersAsync(row.CaseId, user, caller.Services, cancellationToken))
            return ([], []);
        var roles = new HashSet<string>(StringComparer.Ordinal);
        if (row.OrganisationId is null && row.ClerkRole is { } clerk && await users.HoldsAsync(caller, clerk, null, cancellationToken))
            roles.Add(clerk);
        else if (row.OrganisationId is { } organisation && caller.MayActFor(organisation))
            roles.UnionWith((await users.RolesAsync(user, organisation, cancellationToken)).Where(caller.MayActAs));
        return (roles, await store.ActionableAsync(row, caller, clock.Now, cancellationToken));
    }

    private static WorkflowException NotForYou(NoticeRow row) => new(ErrorCodes.Forbidden,
        $"What notice {row.Id} showed is for the office that posted it, and what was said against it for its clerks.", "仅发布公示的单位可以查看；异议内容仅限处理人员查看。");

    private static string Position(NoticeRow row) => Position(row.ClosesAt, row.Id);

    private static string Position(DateTimeOffset at, Guid id) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcTicks}:{id:N}");

    private static (DateTimeOffset, Guid)? Position(string? position) => position?.Split(':') is [var ticks, var id]
        ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "N"))
        : null;
}
