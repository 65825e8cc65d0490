using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>As whom somebody meets a case, and what it carries, at one instant.</summary>
internal sealed record CaseMeeting
{
    public required Guid Id { get; init; }
    public required long Version { get; init; }
    public required string Service { get; init; }

    /// <summary>What the service said when it was published last, for one made in the designer.</summary>
    public required string? ServiceVersion { get; init; }

    public required string Status { get; init; }
    public required string ApplicantId { get; init; }
    public required string ApplicantName { get; init; }
    public required string EmployerName { get; init; }
    public required CaseReadership Reader { get; init; }

    /// <summary>Version of the form that it was filed with; null: none is kept.</summary>
    public required string? FormVersion { get; init; }

    /// <summary>Stages of tasks that are theirs in somebody else's place.</summary>
    public IReadOnlyList<string?> DelegatedStages { get; init; } = [];

    /// <summary>Whether they have something to do in it now, in their own right or another's.</summary>
    public bool HasWork { get; init; }

    public FilingRecord Record { get; init; } = FilingRecord.Empty;

    /// <summary>An expert who isn't to know whom it is about.</summary>
    public bool IsBlind => Reader.Blind && !Reader.Owns;

    /// <summary>In full for whom it is about, for who filed it, and for who has something to do with it now: the rule of case data (R-AUD-2).</summary>
    public bool SeesAll => Reader.Owns || HasWork;

    /// <exception cref="Engine.WorkflowException"><c>not_found</c>: there is none, or it doesn't concern the caller; <c>forbidden</c>.</exception>
    public static async Task<CaseMeeting> ReadAsync(NpgsqlDataSource database, Caller caller, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        var snapshot = new Snapshot(database);
        var delegated = new DelegatedTasks(snapshot, caller, id, now);
        var found = snapshot.Add($"""
            select i.version, c.service, {Cases.Designed.ServiceCatalogue.LastVersion("c.service")}, c.status, c.applicant_id, coalesce(a.name, ''), coalesce(e.name_zh, ''), {CaseVault.FormVersion}, {CaseReader.Readership("$5")}
            from approvals.cases c join engine.instances i on i.id = c.id
            left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
            where c.id = $4
            """, r => new CaseMeeting
            {
                Id = id,
                Version = r.GetInt64(0),
                Service = r.GetString(1),
                ServiceVersion = r.Text(2),
                Status = r.GetString(3),
                ApplicantId = r.GetString(4),
                ApplicantName = r.GetString(5),
                EmployerName = r.GetString(6),
                FormVersion = r.Text(7),
                Reader = CaseReadership.Read(r, 8),
            }, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), id, caller.Roles.OrNull());
        var own = TaskReader.AddActionable(snapshot, id, caller);
        var record = FilingStore.Add(snapshot, id);
        await snapshot.ReadAsync(cancellationToken);
        if (found is not [var meeting] || !meeting.Reader.Sees && delegated.Tasks.Count == 0)
            throw CaseRefusal.NotFound(id);
        return meeting with { HasWork = caller.User is not null && (own.Count > 0 || delegated.Tasks.Count > 0), Record = record(), DelegatedStages = [.. delegated.Tasks.Select(t => t.Stage)] };
    }
}
