using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Materials of cases, hand-ins, profiles and confirmations, in the step that they belong to (R-PER-2, R-CASE-4).</summary>
internal sealed class FilingPart : StepPart
{
    /// <summary>A material isn't in a library that the user may take it from for this case, or something was found in it.</summary>
    public const string TakenGate = "filing_taken";

    /// <summary>Something was found in a material that is handed in, or it isn't scanned yet.</summary>
    public const string CleanGate = "filing_clean";

    /// <summary>The person's profile isn't as it was when it was sealed for the case.</summary>
    public const string ProfileGate = "filing_profile";

    private const int Taking = 0, Dropping = 1, HandingIn = 2, Profile = 3, Confirming = 4, Sourcing = 5;

    public override string Name => "filing";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("user", NpgsqlDbType.Text), new("applicant", NpgsqlDbType.Text), new("employer", NpgsqlDbType.Text),
        new("organisations", NpgsqlDbType.Array | NpgsqlDbType.Text), new("roles", NpgsqlDbType.Array | NpgsqlDbType.Text), new("scans", NpgsqlDbType.Boolean),
        new("taken_slots", NpgsqlDbType.Array | NpgsqlDbType.Text), new("taken", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("taken_hashes", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("carried", NpgsqlDbType.Array | NpgsqlDbType.Boolean),
        new("dropped_slots", NpgsqlDbType.Array | NpgsqlDbType.Text), new("dropped", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("dropped_by", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("number", NpgsqlDbType.Smallint), new("phase", NpgsqlDbType.Smallint), new("slots", NpgsqlDbType.Array | NpgsqlDbType.Text), new("materials", NpgsqlDbType.Integer),
        new("digest", NpgsqlDbType.Text),
        new("profile", NpgsqlDbType.Uuid), new("person", NpgsqlDbType.Uuid), new("person_version", NpgsqlDbType.Bigint), new("key_id", NpgsqlDbType.Integer),
        new("sealed", NpgsqlDbType.Bytea), new("profile_digest", NpgsqlDbType.Text),
        new("confirmation", NpgsqlDbType.Text), new("text_digest", NpgsqlDbType.Text),
        new("sources", NpgsqlDbType.Text), new("sources_digest", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new($"""
            filing_taken as (
                insert into approvals.case_materials (case_id, slot, material_id, added_seq, hash, name, owner_kind, owner_id, rotation, carried, added_at, added_by)
                select step.id, w.slot, m.id, step.version, m.hash, m.name, m.owner_kind, m.owner_id, m.rotation, w.carried, @now, @user
                from step cross join unnest(@taken_slots, @taken, @carried) w(slot, id, carried) join approvals.materials m on m.id = w.id)
            """,
            new StepGate(TakenGate, $"""
                not exists (select from unnest(@taken, @taken_hashes) w(id, hash) where not exists (
                    select from approvals.materials m join approvals.material_contents c on c.hash = m.hash
                    where m.id = w.id and m.hash = w.hash and m.deleted_at is null and c.scan <> 'found' and (@number is null or not @scans or c.scan = 'clean')
                        and {FilingMaterials.Fits("@applicant", "@employer")} and {MaterialRights.Reads("@user", "m.owner_kind", "m.owner_id", "@organisations", "@roles")}))
                """)),
        new("""
            filing_dropped as (
                update approvals.case_materials k set removed_seq = step.version, removed_at = @now, removed_by = w.by_user
                from step, unnest(@dropped_slots, @dropped, @dropped_by) w(slot, id, by_user)
                where k.case_id = step.id and k.slot = w.slot and k.material_id = w.id and k.removed_seq is null)
            """),
        new("""
            filing_handed_in as (
                insert into approvals.case_handins (case_id, number, seq, phase, at, by_user, materials, sha256)
                select step.id, @number, step.version, @phase, @now, @user, @materials, @digest from step),
            filing_frozen as (
                insert into approvals.case_sources (case_id, hand_in, seq, sources, sha256)
                select step.id, @number, step.version, coalesce(@sources::jsonb, s.sources), coalesce(@sources_digest, s.sha256)
                from step left join approvals.case_sources s on s.case_id = step.id and s.hand_in = 0 where @sources is not null or s.sha256 is not null)
            """,
            new StepGate(CleanGate, """
                not exists (select from approvals.case_materials k join approvals.material_contents c on c.hash = k.hash
                    where k.case_id = @instance and k.removed_seq is null and k.slot = any(@slots) and (c.scan = 'found' or @scans and c.scan <> 'clean')
                        and not exists (select from unnest(@dropped_slots, @dropped) w(slot, id) where w.slot = k.slot and w.id = k.material_id))
                """)),
        new("""
            filing_profile as (
                insert into approvals.case_profiles (id, case_id, seq, person_id, person_version, key_id, sealed, sha256, taken_at, taken_by)
                select @profile, step.id, step.version, @person, @person_version, @key_id, @sealed, @profile_digest, @now, @user from step)
            """,
            new StepGate(ProfileGate, "exists (select from approvals.people p where p.id = @person and p.version = @person_version)")),
        new("""
            filing_confirmed as (
                insert into approvals.case_confirmations (case_id, confirmation, text_sha256, seq, at, by_user)
                select step.id, @confirmation, @text_digest, step.version, @now, @user from step
                on conflict (case_id, confirmation) do update set text_sha256 = excluded.text_sha256, seq = excluded.seq, at = excluded.at, by_user = excluded.by_user)
            """),
        new("""
            filing_sources as (
                insert into approvals.case_sources (case_id, hand_in, seq, sources, sha256) select step.id, 0, step.version, @sources::jsonb, @sources_digest from step
                on conflict (case_id, hand_in) do update set seq = excluded.seq, sources = excluded.sources, sha256 = excluded.sha256)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var action = step.Domain as CaseAction;
        if (action?.Filing is not { } filing)
        {
            for (var section = Taking; section <= Sourcing; section++)
                values.Skip(section);
            return;
        }
        values["user"] = action.User;
        values["applicant"] = filing.ApplicantId;
        values["employer"] = filing.EmployerId;
        values["organisations"] = action.Limits?.Organisations?.ToArray();
        values["roles"] = action.Limits?.Roles?.ToArray();
        values["scans"] = filing.Scans;
        values["taken_slots"] = filing.Taken.Select(t => t.Slot).ToArray();
        values["taken"] = filing.Taken.Select(t => t.Material).ToArray();
        values["taken_hashes"] = filing.Taken.Select(t => t.Hash).ToArray();
        values["carried"] = filing.Taken.Select(t => t.Carried).ToArray();
        values["dropped_slots"] = filing.Dropped.Select(d => d.Slot).ToArray();
        values["dropped"] = filing.Dropped.Select(d => d.Material).ToArray();
        values["dropped_by"] = filing.Dropped.Select(d => d.By).ToArray();
        values["number"] = filing.HandIn?.Number;
        values["phase"] = filing.HandIn?.Phase;
        values["slots"] = filing.HandIn?.Slots.ToArray();
        values["materials"] = filing.HandIn?.Materials;
        values["digest"] = filing.HandIn?.Sha256;
        values["profile"] = filing.Profile?.Id;
        values["person"] = filing.Profile?.PersonId;
        values["person_version"] = filing.Profile?.PersonVersion;
        values["key_id"] = filing.Profile?.KeyId;
        values["sealed"] = filing.Profile?.Sealed;
        values["profile_digest"] = filing.Profile?.Sha256;
        values["confirmation"] = filing.Confirmed?.Key;
        values["text_digest"] = filing.Confirmed?.TextSha256;
        values["sources"] = filing.Sources?.Json;
        values["sources_digest"] = filing.Sources?.Sha256;
        values.SkipUnless(filing.Taken.Count > 0, Taking);
        values.SkipUnless(filing.Dropped.Count > 0, Dropping);
        values.SkipUnless(filing.HandIn is not null, HandingIn);
        values.SkipUnless(filing.Profile is not null, Profile);
        values.SkipUnless(filing.Confirmed is not null, Confirming);
        values.SkipUnless(filing.Sources is not null, Sourcing);
    }
}
