using System.Globalization;

namespace Talent.Workflows.Approvals.Integrations.Records;

/// <summary>What shared data says, by the names that forms (<c>shared</c>) and conditions (<c>record</c>) have for it. Pure.</summary>
internal static class RecordValues
{
    public static readonly IReadOnlyList<string> Names =
        ["degree.certificateNumber", "degree.school", "degree.level", "degree.mode", "degree.awardedOn", "title.certificateNumber", "title.title", "title.grade", "title.awardedOn"];

    public static readonly IReadOnlyList<string> Levels = ["associate", "bachelor", "master", "doctor"];

    /// <summary>普通全日制; every other mode of study is none.</summary>
    public const string FullTime = "fullTime";

    /// <summary>Of a degree whose mode of study the office didn't tell, or by a word that nobody knows.</summary>
    public const string UnknownMode = "unknown";

    public static readonly IReadOnlyList<string> Modes = [FullTime, "partTime", "adult", "distance", "selfTaught"];
    public static readonly IReadOnlyList<string> Grades = ["junior", "intermediate", "senior"];

    /// <summary>Of several degrees the one with such a number, else the highest, else the newest; null: none was found.</summary>
    public static DegreeRecord? Degree(SharedRecords records, IReadOnlySet<string>? numbers = null) =>
        records.Degrees.MaxBy(d => (numbers?.Contains(d.CertificateNumber) is true, Rank(Levels, d.Level), d.AwardedOn));

    /// <inheritdoc cref="Degree"/>
    public static TitleRecord? Title(SharedRecords records, IReadOnlySet<string>? numbers = null) =>
        records.Titles.MaxBy(t => (numbers?.Contains(t.CertificateNumber) is true, Rank(Grades, t.Grade), t.AwardedOn));

    /// <summary>Whether one of them is 学士 or higher by full-time study; null: of one it isn't known.</summary>
    public static bool? HasFullTime(SharedRecords records)
    {
        var unknown = false;
        foreach (var degree in records.Degrees.Where(d => d.Level != "associate"))
        {
            var (level, mode) = (Levels.Contains(degree.Level), Mode(degree));
            if (level && mode == FullTime)
                return true;
            unknown |= mode == UnknownMode || mode == FullTime;
        }
        return unknown ? null : false;
    }

    /// <summary>As text, dates as <c>2008-07-01</c>; null: nothing was found, or the name isn't one of <see cref="Names"/>.</summary>
    public static string? Text(string? name, DegreeRecord? degree, TitleRecord? title) => name switch
    {
        "degree.certificateNumber" => degree?.CertificateNumber,
        "degree.school" => degree?.School,
        "degree.level" => degree?.Level,
        // Said even where it isn't known: it takes the place of what an earlier look-up said of another degree.
        "degree.mode" => degree is null ? null : Mode(degree),
        "degree.awardedOn" => Text(degree?.AwardedOn),
        "title.certificateNumber" => title?.CertificateNumber,
        "title.title" => title?.Title,
        "title.grade" => title?.Grade,
        "title.awardedOn" => Text(title?.AwardedOn),
        _ => null,
    };

    private static string Mode(DegreeRecord degree) => degree.Mode is { } mode && Modes.Contains(mode) ? mode : UnknownMode;

    private static string? Text(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int Rank(IReadOnlyList<string> order, string code) => order.TakeWhile(o => o != code).Count() is var at && at < order.Count ? at : -1;
}
