using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Records;

/// <summary>
/// Offices that share what they know. What they know of somebody follows from the sequence in the identity number (its 15th to 17th
/// digit); of everybody else they know a full-time bachelor's degree, an intermediate title and insurance since 2020.
/// </summary>
public sealed class RecordsSimulator : ISharedRecords
{
    /// <summary>Sequences of people without anything, with a degree alone, with a title alone.</summary>
    public const string Nothing = "921", DegreeOnly = "922", TitleOnly = "923";

    /// <summary>Sequences of people whose degree is by 自学考试, or of a mode of study that isn't told.</summary>
    public const string SelfTaught = "926", ModeUntold = "927";

    /// <summary>Sequences of people for whom it misbehaves over HTTP.</summary>
    public const string Unavailable = "924", Unreadable = "925";

    private static readonly DegreeRecord Degree = new("119900200805000123", "示例大学", "bachelor", new DateOnly(2008, 7, 1), RecordValues.FullTime);
    private static readonly TitleRecord Title = new("ZC2018000456", "工程师", "intermediate", new DateOnly(2018, 12, 1));
    private static readonly InsurancePeriod Insured = new(new DateOnly(2020, 1, 1), new DateOnly(2026, 8, 31));

    public Task<OutsideAnswer<SharedRecords>> FindAsync(string requestId, RecordQuestion question, CancellationToken cancellationToken) =>
        Task.FromResult<OutsideAnswer<SharedRecords>>(new OutsideAnswer<SharedRecords>.Answered(Of(question.Number.Value, question.Degrees, question.Titles, question.Insurance)));

    /// <summary>Answers as the offices do, at the paths of their contract below a prefix.</summary>
    public static void Map(IEndpointRouteBuilder routes, OutsideSimulator simulator, string prefix = "") => simulator.Map(routes, prefix + RecordsClient.Path, (body, _) =>
        Read(body) is not { Name: { Length: > 0 and <= 100 }, IdNumber: { Length: ResidentId.Length } number } question ? null
            : (Of(number, question.Degrees, question.Titles, question.Insurance), number[14..17] switch { Unavailable => Mischief.Unavailable, Unreadable => Mischief.Unreadable, _ => Mischief.None }));

    private static SharedRecords Of(string number, bool degrees, bool titles, bool insurance)
    {
        var who = number[14..17];
        return new SharedRecords(degrees && who is not (Nothing or TitleOnly) ? [who switch { SelfTaught => Degree with { Mode = "selfTaught" }, ModeUntold => Degree with { Mode = null }, _ => Degree }] : [], titles && who is not (Nothing or DegreeOnly) ? [Title] : [], insurance && who != Nothing ? [Insured] : []);
    }

    private static SimulatedQuestion? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<SimulatedQuestion>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record SimulatedQuestion(string? Name = null, string? IdNumber = null, bool Degrees = false, bool Titles = false, bool Insurance = false);
}
