using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>As whom somebody reads where a case stands.</summary>
public enum WordReader
{
    /// <summary>Whom it is about.</summary>
    Applicant,

    /// <summary>The employer's handlers and officers.</summary>
    Employer,

    /// <summary>Everybody else.</summary>
    Reviewer,
}

/// <summary>
/// The word for where a case stands: of the stage that it waits in, else of its status, as its service says (<see cref="ServiceDefinition.Words"/>),
/// else the status' own. Total: there is a word for every status, whatever is open and whoever reads. The code stays that of the status, by which lists are filtered.
/// </summary>
/// <remarks>Source: R-CASE-9.</remarks>
public static class PositionWords
{
    /// <param name="status">A code of <see cref="StatusWord"/>.</param>
    /// <param name="stages">The stages that are open; of several, the one that stands first in the table counts.</param>
    public static Worded Of(IReadOnlyList<PositionWord> words, string status, IReadOnlyCollection<string> stages, WordReader reader)
    {
        var own = StatusWord.Find(status) is { } known ? new Worded(known.Code, known.Zh, known.En) : new Worded(status, status, status);
        if ((words.FirstOrDefault(w => stages.Contains(w.At)) ?? words.FirstOrDefault(w => w.At == status)) is not { } word)
            return own;
        var read = reader switch
        {
            WordReader.Employer => word.Employer,
            WordReader.Reviewer => word.Reviewer,
            _ => null,
        };
        return new Worded(own.Code, read?.Zh ?? word.Zh, read?.En ?? word.En) { NoteZh = word.NoteZh, NoteEn = word.NoteEn };
    }

    /// <summary>The reader of the case <c>c</c>, as SQL.</summary>
    /// <param name="user">The parameter with the user; its value may be null.</param>
    internal static string Reader(string user) => $"""
        (case when c.subject = '{CaseSubjects.Person}' and {user} = c.applicant_id then {(int)WordReader.Applicant}
            when exists (select from approvals.user_roles w where w.user_id = {user} and w.organisation_id = c.employer_id and w.role like 'employer.%') then {(int)WordReader.Employer}
            else {(int)WordReader.Reviewer} end)::smallint
        """;

    /// <summary>The status 已受理.</summary>
    internal const string Accepted = "accepted";

    /// <summary>
    /// The open stages of the case <c>c</c> by which it has a word, as SQL: one that takes it in is none any more once it is accepted, such as by the lapse of time,
    /// though somebody has to act there still.
    /// </summary>
    internal const string OpenStages = $"""
        array(select distinct s.stage from approvals.tasks s where s.case_id = c.id and s.id between approvals.first_task(c.id) and approvals.last_task(c.id) and s.status < 2
            and not (c.status = '{Accepted}' and coalesce(s.stage = any(c.acceptance), false)))
        """;

    /// <summary>The same of stages that were open when the case had a status.</summary>
    internal static string[] Open(IEnumerable<string> stages, string status, IReadOnlyCollection<string> acceptance) =>
        [.. stages.Where(s => status != Accepted || !acceptance.Contains(s)).Distinct(StringComparer.Ordinal)];
}
