using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>完善单位信息: what an employer's handlers do with its profile (R-EMP-1). Who isn't one any more when it is written is refused.</summary>
public sealed class EmployerCommands(NpgsqlDataSource database, EmployerStore store, EmployerReader reader, DataKeys keys, BusinessClock clock)
{
    private readonly ProfileKeeper profiles = new(database, keys, clock, ProfileTables.Employers);

    /// <summary>Saves one step, complete or not: it replaces what was there. A number that is sent back masked stays as it is.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c> (employer, step), <c>forbidden</c>, <c>invalid_form</c> with the errors, <c>precondition_failed</c>, <c>busy</c>, <c>unavailable</c>.</exception>
    public Task SaveStepAsync(Caller caller, string employer, string step, JsonElement data, long? ifVersion, CancellationToken cancellationToken) =>
        profiles.SaveStepAsync(reader.Form.Profile, NameOf(employer), async () =>
        {
            var found = await FindAsync(caller, employer, cancellationToken);
            if (found.Row.ProfileId is null)
            {
                await store.BeginAsync(employer, caller.Credential, cancellationToken);
                found = await FindAsync(caller, employer, cancellationToken);
            }
            return found.Profile;
        }, GateOf(caller, employer), step, data, ifVersion, caller.Credential, cancellationToken);

    /// <summary>Hands the profile in, complete and correct, or says everything that is missing. Submitting it again changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c> with <c>gaps</c>, <c>precondition_failed</c>, <c>busy</c>, <c>unavailable</c>.</exception>
    public async Task SubmitAsync(Caller caller, string employer, long? ifVersion, CancellationToken cancellationToken)
    {
        FoundEmployer? found = null;
        await profiles.SubmitAsync(NameOf(employer), async () => (found = await FindAsync(caller, employer, cancellationToken)).Profile, GateOf(caller, employer),
            async _ => found!.Row.ProfileId is null ? await reader.GapsAsync(employer, cancellationToken) : (await reader.OpenAsync(found, cancellationToken)).Progress.Gaps, ifVersion, cancellationToken);
    }

    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: the caller may read it, and isn't its handler.</exception>
    private async Task<FoundEmployer> FindAsync(Caller caller, string employer, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var found = await reader.FindAsync(caller, employer, cancellationToken);
        return found.Row.Handles ? found
            : throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' isn't a handler of '{employer}': only they change its profile, with a key for that organisation and role.", "只有本单位现任业务经办人可以修改单位信息。");
    }

    private static ProfileGate GateOf(Caller caller, string employer) => new(
        first => HandlerRights.Handles($"${first}", $"${first + 1}", $"${first + 2}", $"${first + 3}"), caller.RequireUser(), employer, caller.Organisations.OrNull(), caller.Roles.OrNull());

    private static ProfileName NameOf(string employer) => new("单位信息", $"The profile of '{employer}'");
}
