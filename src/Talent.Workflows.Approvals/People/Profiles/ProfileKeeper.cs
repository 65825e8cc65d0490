using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>What a profile is called where a change of it is refused.</summary>
/// <param name="Zh">Such as 个人信息.</param>
/// <param name="En">Such as <c>Person 1</c>.</param>
internal sealed record ProfileName(string Zh, string En);

/// <summary>What must still be true when a change commits, as SQL.</summary>
/// <param name="Sql">Given the number of its first parameter.</param>
internal sealed record ProfileGate(Func<int, string> Sql, params IReadOnlyList<object?> Values)
{
    public static ProfileGate None { get; } = new(_ => "true");
}

/// <summary>
/// The profiles of one kind, of people or of employers: opens what is sealed, saves a step, submits. Each change is one statement, made
/// only if the profile is as its writer saw it and the gate lets it through. Who may read is decided by those who ask.
/// </summary>
/// <remarks>Source: R-PER-1, R-EMP-1.</remarks>
internal sealed class ProfileKeeper(NpgsqlDataSource database, DataKeys keys, BusinessClock clock, ProfileTables tables)
{
    private const int Attempts = 3;

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    /// <summary>The saved steps in full, by step. One that the form doesn't have any more counts no longer.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> OpenAsync(ProfileForm form, KeptProfile profile, CancellationToken cancellationToken)
    {
        if (profile.Steps.Count == 0)
            return new Dictionary<string, JsonElement>();
        var ring = await keys.RingAsync(profile.Steps.Max(s => s.KeyId), cancellationToken);
        return profile.Steps.Where(s => form.Step(s.Step) is not null).ToDictionary(s => s.Step, s => s.Data.Open(tables.Table, ring, profile.Id, s.Step), StringComparer.Ordinal);
    }

    /// <summary>Saves one step, complete or not: it replaces what was there. A number that is sent back masked stays as it is.</summary>
    /// <param name="read">Reads the profile anew, and refuses who may not change it.</param>
    /// <param name="ifVersion">The version that the writer saw; null: whatever it is.</param>
    /// <exception cref="WorkflowException"><c>not_found</c> (step), <c>invalid_form</c> with the errors, <c>precondition_failed</c>, <c>busy</c>, and what <paramref name="read"/> refuses.</exception>
    public Task SaveStepAsync(ProfileForm form, ProfileName name, Func<Task<KeptProfile>> read, ProfileGate gate, string stepKey, JsonElement data, long? ifVersion, string credential, CancellationToken cancellationToken)
    {
        var step = form.Step(stepKey) ?? throw new WorkflowException(ErrorCodes.NotFound, $"A profile has no such step. Use one of {string.Join(", ", form.Steps.Select(s => s.Key))}.", $"没有此填写步骤，可用的有：{string.Join("、", form.Steps.Select(s => s.Key))}。");
        return OnCurrentAsync(name, read, ifVersion, async profile =>
        {
            var saved = await OpenAsync(form, profile, cancellationToken);
            JsonElement? before = saved.TryGetValue(step.Key, out var kept) ? kept : null;
            Check(form.CheckDraft(step.Key, data, Today, before));
            var (full, errors) = MaskedInput.Resolve(step, data, before);
            Check(errors);
            var ring = await keys.RingAsync(profile.Steps.Select(s => s.KeyId).DefaultIfEmpty().Max(), cancellationToken);
            var made = SealedStep.Of(tables.Table, form, ring, profile.Id, step.Key, full);
            return (await database.QueryAsync($"""
                with profile as (
                    update approvals.{tables.Profiles} set version = version + 1, submitted_at = null, changed_at = $7 where id = $1 and version = $2 and {gate.Sql(9)} returning id, version)
                insert into approvals.{tables.Steps} ({tables.Owner}, step, version, key_id, data, sealed, saved_at, saved_by)
                select id, $3, version, $4, $5::jsonb, $6, $7, $8 from profile
                on conflict ({tables.Owner}, step) do update set version = excluded.version, key_id = excluded.key_id, data = excluded.data, sealed = excluded.sealed, saved_at = excluded.saved_at, saved_by = excluded.saved_by
                returning version
                """, r => r.GetInt64(0), cancellationToken,
                [profile.Id, profile.Version, step.Key, ring.Current, made.Data, made.Sealed ?? (object)new Sql.Null(NpgsqlDbType.Bytea), clock.Now, credential, .. gate.Values])).Count == 1;
        });
    }

    /// <summary>Hands the profile in, complete and correct, or says everything that is missing. Submitting it again changes nothing.</summary>
    /// <param name="gaps">What is missing.</param>
    /// <exception cref="WorkflowException"><c>invalid_form</c> with <c>gaps</c>, <c>precondition_failed</c>, <c>busy</c>, and what <paramref name="read"/> refuses.</exception>
    public Task SubmitAsync(ProfileName name, Func<Task<KeptProfile>> read, ProfileGate gate, Func<KeptProfile, Task<IReadOnlyList<ProfileGap>>> gaps, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(name, read, ifVersion, async profile =>
        {
            if (profile.SubmittedAt is not null)
                return true;
            if (await gaps(profile) is { Count: > 0 } missing)
                throw new WorkflowException(ErrorCodes.InvalidForm, $"The profile has {missing.Count} gaps, the first in '{missing[0].Step}': {missing[0].En}.", $"{name.Zh}有 {missing.Count} 处未完善：{missing[0].Zh}。")
                { Facts = new Dictionary<string, object?> { ["gaps"] = missing } };
            return (await database.QueryAsync($"update approvals.{tables.Profiles} set version = version + 1, submitted_at = $3 where id = $1 and version = $2 and {gate.Sql(4)} returning version",
                r => r.GetInt64(0), cancellationToken, [profile.Id, profile.Version, clock.Now, .. gate.Values])).Count == 1;
        });

    /// <summary>Changes a profile as it is, only if it still is so; with no version asked for, a few times.</summary>
    /// <param name="change">False: it wasn't so any more.</param>
    internal static async Task OnCurrentAsync(ProfileName name, Func<Task<KeptProfile>> read, long? ifVersion, Func<KeptProfile, Task<bool>> change)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var profile = await read();
            if (ifVersion is { } version && version != profile.Version)
                throw new WorkflowException(ErrorCodes.PreconditionFailed, $"{name.En} is at version {profile.Version}, not {version}. Read it again.", $"{name.Zh}已更新，请刷新后重试。");
            if (await change(profile))
                return;
        }
        throw new WorkflowException(ErrorCodes.Busy, $"{name.En} is being changed by others at this moment. Send it again.", $"{name.Zh}正在被修改，请稍后重试。");
    }

    /// <exception cref="WorkflowException"><c>invalid_form</c> with the errors, if there are any.</exception>
    internal static void Check(IReadOnlyList<FormError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"There are {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", $"有 {errors.Count} 处填写有误：{errors[0].Zh}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }
}
