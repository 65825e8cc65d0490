using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>重新申请, 重新申报: an ended case is filed again as its next round (R-CASE-6).</summary>
/// <param name="AssociationCode">As in <see cref="NewCase.AssociationCode"/>, where the service asks for one.</param>
public sealed record RefileCase(string? AssociationCode = null);

/// <summary>The draft of the next round, and what of the earlier one isn't in it, in the order of the form and then of the materials.</summary>
public sealed record RefiledCase(CaseView Case, IReadOnlyList<FormError> LeftOut);

/// <summary>Begins the next round of a case.</summary>
public sealed class Refiling(CaseBeginning beginning, WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, CaseVault vault)
{
    /// <summary>Begins the draft of the next round, linked to the case, with all its data and materials that the service still takes.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: not the caller's; <c>wrong_state</c>: it hasn't ended, or its service has no next round after how it did;
    /// <c>conflict</c>: it has its next round, whose id is <c>caseId</c>; and what <see cref="CaseBeginning.BeginAsync"/> refuses.</exception>
    public async Task<(StepAnswer Answer, IReadOnlyList<FormError> LeftOut)> RefileAsync(Caller caller, Guid caseId, RefileCase? request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        var ended = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        caller.RequireService(ended.Service);
        await ended.RequireOwnerAsync(database, caller, cancellationToken);
        var package = await services.GetAsync(ended.Service, cancellationToken);
        if (!Follows(package.Service, ended.Status))
            throw Refusal(package.Service, ended);
        // The next round isn't in its own way when the request is repeated.
        var again = await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null;
        var round = again ? new CaseRound(0, caseId, null, ended.Phases) { Carries = true } : await CaseRound.AfterAsync(database, ended, cancellationToken);
        var applicant = package.Service.Subject == CaseSubjects.Employer ? null : ended.ApplicantId;
        try
        {
            return await beginning.BeginAsync(caller, new NewCase { Service = ended.Service, ApplicantId = applicant, EmployerId = applicant is null ? ended.EmployerId : null, AssociationCode = request?.AssociationCode },
                new CaseOrigin { Next = round }, idempotency, cancellationToken);
        }
        catch (WorkflowException e) when (CasesPart.IsRoundTaken(e))
        {
            // Somebody else was faster: whoever asks again is told which case it is.
            await CaseRound.AfterAsync(database, ended, cancellationToken);
            throw;
        }
    }

    /// <summary>Whether a case of the service that ended so has a next round. A rule for a status counts for every word of it: <c>rejected</c> for 退案 too.</summary>
    internal static bool Follows(ServiceDefinition service, string status) => service.Refile is { } rule && StatusWord.Find(status) is { } word && CaseTransitions.IsFinal(word.Status)
        && rule.After.Any(after => after == status || (StatusWord.Find(after) is { } named && StatusWord.Of(named.Status) == named && named.Status == word.Status));

    private static WorkflowException Refusal(ServiceDefinition service, FilingCase found) => StatusWord.Find(found.Status) is { } word && CaseTransitions.IsFinal(word.Status)
        ? new(ErrorCodes.WrongState, service.Refile is { } rule
                ? $"Case {found.Id} ended as '{found.Status}', and '{service.Id}' is filed again only after {string.Join(", ", rule.After)}. File a new case instead."
                : $"Cases of '{service.Id}' have no next round. File a new case instead.", $"“{service.Zh}”在“{word.Zh}”后不能重新申报，请新建申报。")
        : new(ErrorCodes.WrongState, $"Case {found.Id} hasn't ended: it is '{found.Status}'. File it again when it has.", "业务尚未结束，不能重新申报。");
}

/// <summary>Data of an earlier round as far as a form still takes it. Pure.</summary>
internal static class CarriedData
{
    // Each goes over what the one before has left; what still isn't taken then goes out field by field.
    private const int Passes = 5;

    /// <param name="approved">The data of the first phase, for the second; else undefined.</param>
    /// <returns>The data of the phase, and an error for each thing that was left out.</returns>
    public static (JsonElement Data, IReadOnlyList<FormError> LeftOut) Of(Form form, short phase, JsonElement data, JsonElement approved, DateOnly today)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return (JsonSerializer.SerializeToElement(new { }), []);
        var leftOut = new List<FormError>();
        var rest = new JsonObject();
        foreach (var field in data.EnumerateObject())
            if (form.Field(field.Name) is { } known && form.PhaseOf(field.Name) != phase)
                leftOut.Add(new FormError(field.Name, FormErrorCodes.NotApplicable, $"“{known.Zh}”已改在另一阶段填写", $"{known.En} is filled in at another phase now"));
            else if (FormData.Name(field) is { } name)
                rest[name] = JsonNode.Parse(field.Value.GetRawText());
        for (var pass = 0; Errors() is { Count: > 0 } errors; pass++)
        {
            leftOut.AddRange(errors);
            // From the last to the first, so that the rows before keep their numbers.
            foreach (var error in errors.Reverse())
                if (pass >= Passes)
                    rest.Remove(Top(error.Path));
                else
                    Remove(form, rest, error);
            if (pass > Passes)
                rest.Clear();
        }
        return (JsonSerializer.SerializeToElement(rest), [.. leftOut.DistinctBy(e => (e.Path, e.Code))]);

        IReadOnlyList<FormError> Errors()
        {
            var whole = phase == 1 ? rest : JsonObject.Create(approved)!;
            if (phase != 1)
                foreach (var (name, value) in rest)
                    whole[name] = value?.DeepClone();
            return [.. form.Validate(JsonSerializer.SerializeToElement(whole), phase, FormMode.Draft, today, data).Where(e => phase == 1 || e.Path.Length == 0 || form.PhaseOf(Top(e.Path)) != 1)];
        }
    }

    private static string Top(string path) => path.Split('.', '[')[0];

    private static void Remove(Form form, JsonObject data, FormError error)
    {
        if (error.Path.Length == 0)
        {
            if (error.Code != FormErrorCodes.TooManyErrors)
                data.Clear();
            return;
        }
        var top = Top(error.Path);
        if (data[top] is not JsonArray rows || error.Path == top)
        {
            if (error.Code == FormErrorCodes.TooManyRows && form.Field(top)?.MaxRows is { } most && data[top] is JsonArray all)
                while (all.Count > most)
                    all.RemoveAt(all.Count - 1);
            else if (!data.Remove(top))
                // Its name is shown shortened.
                foreach (var unknown in data.Where(f => form.Field(f.Key) is null).Select(f => f.Key).ToArray())
                    data.Remove(unknown);
            return;
        }
        var end = error.Path.IndexOf(']', StringComparison.Ordinal);
        if (!int.TryParse(error.Path.AsSpan(top.Length + 1, Math.Max(0, end - top.Length - 1)), System.Globalization.CultureInfo.InvariantCulture, out var row) || row >= rows.Count)
            return;
        if (end + 2 >= error.Path.Length || rows[row] is not JsonObject fields)
            rows.RemoveAt(row);
        else
            fields.Remove(error.Path[(end + 2)..]);
    }
}
