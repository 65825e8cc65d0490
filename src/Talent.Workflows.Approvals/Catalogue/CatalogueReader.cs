using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Shows the services and what keeps somebody from filing for them: by the rules that filing itself is held to.</summary>
public sealed class CatalogueReader(FilingFactsReader facts, ServiceCatalogue services, ApprovalContent content, DocumentStore documents, NpgsqlDataSource database, BusinessClock clock)
{
    /// <summary>Services from the designer that are shown at most.</summary>
    private const int MostDesigned = 500;

    /// <param name="caller">Null, or without a user: what is public.</param>
    /// <param name="applicant">For whom a handler files, or the user themselves; null: as a handler where they are one, else for themselves.</param>
    /// <param name="employer">Which of the employers that they are a handler of; null: the first, or the applicant's own.</param>
    /// <exception cref="WorkflowException"><c>forbidden</c>: somebody else is named by who isn't a handler, or not of that employer.</exception>
    public async Task<CatalogueView> ListAsync(Caller? caller, string? applicant, string? employer, CancellationToken cancellationToken)
    {
        var all = new List<ServiceDefinition>();
        foreach (var package in content.Services.OrderBy(s => s.Service.Id, StringComparer.Ordinal))
            all.Add(package.Service);
        foreach (var (id, version) in await database.QueryAsync("select d.definition_id, d.id from engine.definitions d where d.is_published and not d.definition_id = any($1) order by d.definition_id",
            r => (r.GetString(0), r.GetString(1)), cancellationToken, (object)content.Services.Select(s => s.Service.Id).ToArray()))
            if (all.Count < content.Services.Count + MostDesigned && await services.FindAsync(id, version, cancellationToken) is { } designed)
                all.Add(designed.Service);
        return await ViewAsync(caller, applicant, employer, [.. all.Where(s => caller?.MayServe(s.Id) != false)], cancellationToken);
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task<CatalogueEntry> ReadAsync(Caller? caller, string service, string? applicant, string? employer, CancellationToken cancellationToken)
    {
        var found = (await services.GetAsync(service, cancellationToken)).Service;
        caller?.RequireService(service);
        var entry = (await ViewAsync(caller, applicant, employer, [found], cancellationToken)).Items[0];
        return entry with { Conditions = found.Conditions, Texts = found.Texts, Documents = await documents.ListAsync(service, null, clock.Now, cancellationToken) };
    }

    private async Task<CatalogueView> ViewAsync(Caller? caller, string? applicant, string? employer, IReadOnlyList<ServiceDefinition> shown, CancellationToken cancellationToken)
    {
        if (caller?.User is not { } user)
        {
            var now = clock.Now;
            var rounds = await database.QueryAsync(FilingFactsReader.Rounds, FilingFactsReader.ReadRound, cancellationToken, now);
            return new CatalogueView(now, null, null, null, [.. shown.Select(s => Entry(s, rounds, now, null))]);
        }
        var handler = caller.MayActAs("employer.handler");
        var parties = new FilingParties(user, applicant == user ? Filer.Person : applicant is null ? null : Filer.Employer, applicant, employer, o => handler && caller.MayActFor(o) && (employer is null || employer == o));
        var snapshot = await facts.ReadAsync(parties, shown, cancellationToken);
        var found = snapshot.Facts;
        if (found.Filer == Filer.Employer ? snapshot.Handled.Count == 0 : employer is not null && employer != found.Applicant?.AssociatedWith)
            throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' is no handler{(employer is null ? "" : $" of '{employer}'")}: leave 'for' and 'employer' out, or name a handler as the acting user.", "您不是该单位的经办人，不能查询他人可办理的事项。");
        return new CatalogueView(found.Now, found.Filer, found.Applicant?.UserId, found.Employer?.Id,
            [.. shown.Select(s => Entry(s, found.Rounds, found.Now, FilingRules.WithoutPerson(FilingRules.Check(s, content.Exclusions.Of(s.Id), found))))]);
    }

    private static CatalogueEntry Entry(ServiceDefinition service, IReadOnlyList<FilingRound> rounds, DateTimeOffset now, IReadOnlyList<FilingReason>? reasons) => new()
    {
        Service = service.Id,
        Zh = service.Zh,
        En = service.En,
        SummaryZh = service.SummaryZh,
        SummaryEn = service.SummaryEn,
        FiledBy = service.FiledBy,
        Hotline = service.Hotline,
        Round = rounds.FirstOrDefault(r => r.Series == service.Conditions.Rounds && r.IsOpen(now)),
        NextRound = rounds.FirstOrDefault(r => r.Series == service.Conditions.Rounds && r.OpensAt > now),
        Open = reasons is null ? null : reasons.Count == 0,
        Reasons = reasons ?? [],
    };
}
