using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A case as those who file it need it: routing, data by phase, what is asked of them, and the version that all of this is of.</summary>
internal sealed record FilingCase
{
    public required Guid Id { get; init; }
    public required long Version { get; init; }
    public required string Service { get; init; }
    public required string Status { get; init; }
    public required string ApplicantId { get; init; }
    public required string EmployerId { get; init; }
    public required string? UnitId { get; init; }
    public required string? BureauId { get; init; }
    public required string Region { get; init; }
    public required string FiledBy { get; init; }
    public required IReadOnlyDictionary<short, JsonElement> Phases { get; init; }

    /// <summary>Version of the form that the first phase was saved with; null: none is kept.</summary>
    public required string? FormVersion { get; init; }

    /// <summary>The day on which it was submitted; null: it isn't yet.</summary>
    public required DateOnly? FiledOn { get; init; }

    /// <summary>The supplement or materials task that waits; null: none.</summary>
    public required AskedTask? OpenTask { get; init; }

    /// <summary>The last such task, open or closed.</summary>
    public required AskedTask? LastTask { get; init; }

    /// <summary>The phase that the applicant fills in now; null: the case isn't in their hands.</summary>
    public short? PhaseInHand => Status == "draft" ? (short)1 : OpenTask?.Phase;

    /// <summary>Whether the case is the caller's own, as <see cref="KeyLimits.Owner"/> has it. Steps check it again; this is for who isn't to hear what is in it.</summary>
    /// <exception cref="Engine.WorkflowException"><c>forbidden</c>: it isn't.</exception>
    public async Task RequireOwnerAsync(NpgsqlDataSource database, Caller caller, CancellationToken cancellationToken)
    {
        // Most are filed by the person they are about: that needs no question.
        if (caller.RequireUser() == ApplicantId && caller.MayActAs("applicant") && caller.Organisations is null)
            return;
        if ((await database.QueryAsync($"select 1 from approvals.cases c where c.id = $4 and {KeyLimits.Owner("$1", "$2", "$3")}", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), Id)).Count == 0)
            throw CaseRefusal.NotOwn(Id, caller);
    }

    /// <summary>Whether the caller may hand in: the case is their own, or they are asked for it.</summary>
    /// <exception cref="Engine.WorkflowException"><c>forbidden</c>: they may not.</exception>
    public async Task RequireHandInAsync(NpgsqlDataSource database, Caller caller, CancellationToken cancellationToken)
    {
        if (OpenTask is not { Assignee: { } asked } || asked != caller.User || !caller.MayActAs("applicant"))
            await RequireOwnerAsync(database, caller, cancellationToken);
    }

    /// <param name="Assignee">Who is asked.</param>
    public sealed record AskedTask(Guid Id, short Phase, string? Assignee);

    /// <summary>What the open corrections ask for, by phase.</summary>
    public required IReadOnlyDictionary<short, Corrections> Corrections { get; init; }

    /// <summary>What limits changes of a phase to what is named; null: nothing does.</summary>
    public Corrections? Limit(short phase) => Corrections.GetValueOrDefault(phase) is { Only: true } limit ? limit : null;

    /// <summary>Whether a phase that is being corrected is limited to what is named.</summary>
    public bool IsLimited => Corrections.Values.Any(c => c.Only);

    /// <summary>What the phase says now, to be kept beside its correction where the step is the first to change it; null: nothing is asked of the applicant, or what is kept couldn't be sealed.</summary>
    public CaseBefore? BeforeChange(short phase, CaseSeal? seal, string user) =>
        OpenTask is { } task && seal is not null ? new CaseBefore(task.Id, new CaseData(phase, Data(phase).GetRawText(), user) { Seal = seal, FormVersion = FormVersion }) : null;

    public static async Task<FilingCase> LoadAsync(NpgsqlDataSource database, CaseVault vault, Guid id, CancellationToken cancellationToken)
    {
        var found = await database.SingleAsync($"""
            select c.id, i.version, c.service, c.status, c.applicant_id, c.employer_id, c.unit_id, c.bureau_id, c.region, c.filed_by,
                {CaseVault.Phases}, t.id, t.phase, t.status, t.assignee, {Reviews.Correcting.Corrections.OpenByPhase("c.id")}, {CaseVault.FormVersion}, c.submitted_at
            from approvals.cases c join engine.instances i on i.id = c.id
            left join lateral (select t.id, t.phase, t.status, t.assignee from approvals.tasks t
                where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.kind in ('supplement', 'materials')
                order by t.status < 2 desc, t.opened_at desc limit 1) t on true
            where c.id = $1
            """, r => new Found(new FilingCase
            {
                Id = r.GetGuid(0),
                Version = r.GetInt64(1),
                Service = r.GetString(2),
                Status = r.GetString(3),
                ApplicantId = r.GetString(4),
                EmployerId = r.GetString(5),
                UnitId = r.Text(6),
                BureauId = r.Text(7),
                Region = r.GetString(8),
                FiledBy = r.GetString(9),
                Phases = new Dictionary<short, JsonElement>(),
                FormVersion = r.Text(16),
                FiledOn = r.Instant(17) is { } filed ? ChinaTime.DateOf(filed) : null,
                OpenTask = r.IsDBNull(11) || r.GetInt16(13) > 1 ? null : Task(r),
                LastTask = r.IsDBNull(11) ? null : Task(r),
                Corrections = Reviews.Correcting.Corrections.ReadPhases(r.Text(15)),
            }, r.Text(10)), cancellationToken, id) ?? throw CaseRefusal.NotFound(id);
        return found.Case with { Phases = await vault.OpenAsync(id, found.Phases, cancellationToken) };
    }

    private static AskedTask Task(NpgsqlDataReader r) => new(r.GetGuid(11), r.GetInt16(12), r.Text(14));

    private sealed record Found(FilingCase Case, string? Phases);

    public JsonElement Data(short phase) => Phases.TryGetValue(phase, out var data) ? data : JsonSerializer.SerializeToElement(new { });

    /// <summary>All that is kept up to a phase.</summary>
    public JsonElement Whole(short phase) => With(phase, Data(phase), replace: true);

    /// <summary>The data of all phases, with other data for one of them.</summary>
    public JsonElement All(short phase, JsonElement own) => own.ValueKind != JsonValueKind.Object ? own
        : Phases.Keys.Append(phase).Distinct().Order().Aggregate(JsonSerializer.SerializeToElement(new { }), (all, p) => Over(all, p == phase ? own : Data(p)));

    /// <summary>The phase's data with the fields given over it.</summary>
    public JsonElement Overlay(short phase, JsonElement fields) => fields.ValueKind == JsonValueKind.Object ? Over(Data(phase), fields) : fields;

    /// <summary>
    /// What a phase may say of its own. Fields of the first phase were reviewed and approved before the second: there they may
    /// be repeated as they are, which says nothing, and not changed.
    /// </summary>
    public (JsonElement Own, IReadOnlyList<FormError> Errors) Own(short phase, JsonElement data, Form form)
    {
        if (phase == 1 || data.ValueKind != JsonValueKind.Object)
            return (data, []);
        var errors = new List<FormError>();
        var own = new JsonObject();
        var approved = Data(1);
        foreach (var field in data.EnumerateObject())
            if (form.PhaseOf(field.Name) != 1)
                own[field.Name] = JsonNode.Parse(field.Value.GetRawText());
            else if (!approved.TryGetProperty(field.Name, out var value) || !JsonElement.DeepEquals(value, field.Value))
                errors.Add(new FormError(field.Name, FormErrorCodes.Approved, $"“{form.Field(field.Name)!.Zh}”在资格审核阶段已审核通过，不能修改", $"{form.Field(field.Name)!.En} was approved in the first phase and can't be changed"));
        return (JsonSerializer.SerializeToElement(own), errors);
    }

    /// <summary>The whole form as it would be with other data for a phase; the data itself when that is no object, for the form to refuse.</summary>
    public JsonElement With(short phase, JsonElement data, bool replace)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return data;
        var own = replace ? data : Over(Data(phase), data);
        return phase == 1 ? own : Over(Data(1), own);
    }

    internal static JsonElement Over(JsonElement below, JsonElement above)
    {
        var merged = JsonObject.Create(below) ?? [];
        foreach (var field in above.EnumerateObject())
            merged[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return JsonSerializer.SerializeToElement(merged);
    }
}
