using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>One thing that a return asks to be corrected: a field or a material, and what is wrong with it (R-REV-3).</summary>
/// <param name="Field">A path as in form errors: <c>school</c>, <c>work[0]</c>, <c>work[0].from</c>; null: it is a material. Rows come and go only where their group itself is named.</param>
/// <param name="Material">The key of an item of the service's materials; null: it is a field.</param>
/// <param name="Note">1 to <see cref="Corrections.LongestNote"/> characters.</param>
public sealed record Correction(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Material = null, string? Note = null);

/// <summary>The same as people read it.</summary>
/// <param name="Zh">The label of the field or material, in Chinese.</param>
/// <param name="TaskId">The task whose decision asks for it, one of <see cref="CorrectionsView.Returns"/>.</param>
public sealed record CorrectionView(string? Field, string? Material, string Zh, string En, string Note, Guid TaskId);

/// <summary>One of the decisions by which a case was returned: several people who decide together return it together.</summary>
/// <param name="TaskId">The task that was decided.</param>
public sealed record ReturnView(Guid TaskId, string StageName, string? Opinion);

/// <summary>What has to be corrected: all that is named by those whose decisions make up the return.</summary>
/// <param name="OnlyThese">Nothing else can be changed; never where one of them named nothing.</param>
public sealed record CorrectionsView(IReadOnlyList<CorrectionView> Items, bool OnlyThese, IReadOnlyList<ReturnView> Returns);

/// <summary>A decision by which a case was returned.</summary>
/// <param name="Only">Nothing may be changed but what it names.</param>
internal sealed record CaseReturn(Guid Task, string Stage, string? Opinion, bool Only, IReadOnlyList<Correction> Items);

/// <summary>What a correction asks for: what those name whose decisions make up the return, and what they say.</summary>
internal sealed partial record Corrections(IReadOnlyList<CaseReturn> Returns, bool Only)
{
    public const int Most = 50, LongestNote = 500;

    // Of correction tasks s. One that nobody's decision led to, as a deadline's, asks for nothing by name.
    private const string Asked = """
        json_agg(json_build_object('task', d.id, 'stage', d.stage_name, 'opinion', d.opinion, 'only', coalesce(k.only_these, false), 'items', k.items) order by d.decided_at, d.id)
        """;

    private static readonly string Asking = $"""
        approvals.tasks s left join approvals.correction_requests q on q.task_id = s.id left join lateral unnest(q.returns) r(id) on true
            left join approvals.tasks d on d.id = r.id and d.status = {TaskStatusCodes.Done} left join approvals.corrections k on k.task_id = d.id
        """;

    /// <summary>What the correction task was opened for, as SQL for <see cref="Read"/>; a text, null: it is no correction.</summary>
    /// <param name="task">Alias of the task.</param>
    public static string Of(string task) => $"(case when {task}.kind = '{TaskKinds.Supplement}' then (select {Asked} from {Asking} where s.id = {task}.id)::text end)";

    /// <summary>What all open corrections of a case ask for together, as SQL for <see cref="Read"/>; a text, null: none is open. Several are, where branches side by side have returned it.</summary>
    /// <param name="case">The case's id.</param>
    public static string Open(string @case) => $"(select {Asked} from {Asking} where {IsOpen(@case)})::text";

    /// <summary>The same by phase, for <see cref="ReadPhases"/>.</summary>
    public static string OpenByPhase(string @case) => $"(select json_object_agg(o.phase, o.asked) from (select s.phase, {Asked} as asked from {Asking} where {IsOpen(@case)} group by s.phase) o)::text";

    private static string IsOpen(string @case) =>
        $"s.case_id = {@case} and s.id between approvals.first_task({@case}) and approvals.last_task({@case}) and s.kind = '{TaskKinds.Supplement}' and s.status < {TaskStatusCodes.Done}";

    public static Corrections? Read(string? json) => json is null ? null : Of(JsonSerializer.Deserialize<IReadOnlyList<Row>>(json, JsonSerializerOptions.Web)!);

    public static IReadOnlyDictionary<short, Corrections> ReadPhases(string? json) =>
        json is null ? new Dictionary<short, Corrections>() : JsonSerializer.Deserialize<Dictionary<short, IReadOnlyList<Row>>>(json, JsonSerializerOptions.Web)!.ToDictionary(p => p.Key, p => Of(p.Value));

    // Whoever named nothing left it to the applicant what to change.
    private static Corrections Of(IReadOnlyList<Row> rows) =>
        new([.. rows.Where(r => r.Task is not null).Select(r => new CaseReturn(r.Task!.Value, r.Stage!, r.Opinion, r.Only, r.Items ?? [])).DistinctBy(r => r.Task)], rows.All(r => r.Only));

    public static string Write(IEnumerable<Correction> items) => JsonSerializer.Serialize(items, JsonSerializerOptions.Web);

    public IEnumerable<Correction> Items => Returns.SelectMany(r => r.Items);

    /// <param name="hidden">Fields that the reader doesn't get: neither are they told what is wrong with them.</param>
    /// <returns>Null: nothing is named.</returns>
    public CorrectionsView? View(ServicePackage package, IReadOnlySet<string>? hidden = null) => !Items.Any() ? null
        : new([.. Returns.SelectMany(r => r.Items.Where(i => i.Field is not { } field || hidden?.Contains(FieldPath.Parse(field)?.Top ?? field) != true).Select(i => View(package, i, r.Task)))], Only, [.. Returns.Select(r => new ReturnView(r.Task, r.Stage, r.Opinion))]);

    /// <summary>One line, as messages say it; empty: nothing is named.</summary>
    public string Text(ServicePackage package, bool chinese) =>
        string.Join(chinese ? "；" : "; ", Items.Select(i => View(package, i, default)).Select(v => chinese ? $"“{v.Zh}”：{v.Note}" : $"{v.En}: {v.Note}"));

    /// <summary>What all of them say, each once; empty: nothing.</summary>
    public string Opinions => string.Join("；", Returns.Select(r => r.Opinion).OfType<string>().Distinct());

    private static CorrectionView View(ServicePackage package, Correction item, Guid task)
    {
        var (zh, en) = item.Field is { } path ? FieldPath.Parse(path)?.Label(package.Form) ?? (path, path) : package.Materials.Slot(item.Material!) is { } slot ? (slot.Material.Zh, slot.Material.En) : (item.Material!, item.Material!);
        return new CorrectionView(item.Field, item.Material, zh, en, item.Note ?? "", task);
    }

    private sealed record Row(Guid? Task, string? Stage, string? Opinion, bool Only, IReadOnlyList<Correction>? Items);
}
