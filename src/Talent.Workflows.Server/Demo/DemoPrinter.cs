using System.Globalization;
using System.Text;

namespace Talent.Workflows.Server.Demo;

/// <summary>Prints the story: a date, what happened, who, and what they were told. Colour on a terminal only.</summary>
internal sealed class DemoPrinter(TextWriter output, bool colour)
{
    private const int StepWidth = 14;
    private const int PeopleWidth = 26;
    private const int ChannelWidth = 16;
    private const int NameWidth = 8;
    private static readonly string[] Weekdays = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
    private DateOnly? lastDay;

    public void Title(string text)
    {
        lastDay = null;
        output.WriteLine();
        output.WriteLine(Paint("1;36", $"━━ {text} {new string('━', Math.Max(2, 76 - Width(text)))}"));
    }

    public void Step(DateTimeOffset at, string step, string people, string what, string style = "0")
    {
        var day = DateOnly.FromDateTime(at.DateTime);
        var date = day == lastDay ? new string(' ', 15) : $"{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} {Weekdays[(int)day.DayOfWeek]}";
        lastDay = day;
        output.WriteLine($"{Paint("1", date)} {at.ToString("HH:mm", CultureInfo.InvariantCulture)}  {Paint(style == "0" ? "1" : style, Pad(step, StepWidth))} {Pad(people, PeopleWidth)} {Paint(style, what)}");
    }

    public void Message(string channels, string to, string text) =>
        output.WriteLine(Paint("2", $"{new string(' ', 23)}✉ {Pad(channels, ChannelWidth)}{Pad(to, NameWidth)}{Cut(text, 78)}"));

    public void Note(string text) => output.WriteLine($"{new string(' ', 23)}{text}");

    public void Good(string text) => output.WriteLine(Paint("1;32", text));

    public void Bad(string text) => output.WriteLine(Paint("1;31", text));

    /// <summary>Columns that a text takes on a terminal: Chinese takes two a character.</summary>
    public static int Width(string text) => text.Sum(c => c is >= '\u2e80' and <= '\uffdc' ? 2 : 1);

    private static string Pad(string text, int width) => text + new string(' ', Math.Max(0, width - Width(text)));

    private static string Cut(string text, int width)
    {
        var line = new StringBuilder();
        var taken = 0;
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            taken += Width(c.ToString());
            if (taken > width)
                return line.Append('…').ToString();
            line.Append(c);
        }
        return line.ToString();
    }

    private string Paint(string style, string text) => colour && style != "0" ? $"\e[{style}m{text}\e[0m" : text;
}
