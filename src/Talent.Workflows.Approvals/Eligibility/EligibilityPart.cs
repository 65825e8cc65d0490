using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What the rules said of a case, in the step that begins or files it (R-ELG-5).</summary>
internal sealed class EligibilityPart : StepPart
{
    public override string Name => "eligibility";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("answer", NpgsqlDbType.Uuid), new("kind", NpgsqlDbType.Text), new("rules", NpgsqlDbType.Text), new("key_id", NpgsqlDbType.Integer), new("sealed", NpgsqlDbType.Bytea),
        new("digest", NpgsqlDbType.Text), new("user", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            eligibility_kept as (
                insert into approvals.case_eligibility (id, case_id, seq, kind, rules, key_id, sealed, sha256, at, by_user)
                select @answer, step.id, step.version, @kind, @rules, @key_id, @sealed, @digest, @now, @user from step)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        if ((step.Domain as CaseAction) is not { Eligibility: { } kept } action)
        {
            values.Skip(0);
            return;
        }
        values["answer"] = kept.Id;
        values["kind"] = kept.Kind;
        values["rules"] = kept.Rules;
        values["key_id"] = kept.KeyId;
        values["sealed"] = kept.Sealed;
        values["digest"] = kept.Sha256;
        values["user"] = action.User;
    }
}
