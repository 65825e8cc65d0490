using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Approvals.Integrations.Records;

/// <summary>Asks over HTTP: docs/guides/simulators.md has the contract.</summary>
public sealed class RecordsClient(OutsideClient client) : ISharedRecords
{
    public const string Path = "/records/searches";

    private const int MostItems = 50, MostPeriods = 600, LongestText = 200;

    public async Task<OutsideAnswer<SharedRecords>> FindAsync(string requestId, RecordQuestion question, CancellationToken cancellationToken) =>
        (await client.AskAsync(Path, requestId, new
        {
            name = question.Name, idNumber = question.Number.Value, degrees = question.Degrees, titles = question.Titles, insurance = question.Insurance, diplomaNumber = question.DiplomaNumber, degreeNumber = question.DegreeNumber,
        }, cancellationToken)).Read(Records);

    private static SharedRecords? Records(JsonElement answer) =>
        answer.List("degrees", MostItems, Degree) is { } degrees && answer.List("titles", MostItems, Title) is { } titles && answer.List("insurance", MostPeriods, Period) is { } insurance
            ? new SharedRecords(degrees, titles, insurance) : null;

    private static DegreeRecord? Degree(JsonElement item) =>
        Text(item, "certificateNumber") is { } number && Text(item, "school") is { } school && Text(item, "level") is { } level && item.Date("awardedOn") is { } awarded ? new DegreeRecord(number, school, level, awarded, Text(item, "mode")) : null;

    private static TitleRecord? Title(JsonElement item) =>
        Text(item, "certificateNumber") is { } number && Text(item, "title") is { } title && Text(item, "grade") is "junior" or "intermediate" or "senior" && item.Date("awardedOn") is { } awarded
            ? new TitleRecord(number, title, Text(item, "grade")!, awarded) : null;

    private static InsurancePeriod? Period(JsonElement item) => item.Date("from") is { } from && item.Date("to") is { } to && from <= to ? new InsurancePeriod(from, to) : null;

    private static string? Text(JsonElement item, string name) => item.Text(name) is { Length: > 0 and <= LongestText } text ? text : null;
}
