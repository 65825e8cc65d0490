using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>What a filled-in value of each type must look like.</summary>
internal static partial class FieldRules
{
    private const int LongestReference = 64;
    private const int LongestAddress = 100;

    public delegate void Report(string code, string zh, string en);

    /// <param name="find">A field beside it or of the form.</param>
    /// <param name="today">The business date.</param>
    /// <param name="filedOn">The day of filing: what was still in force then counts, however late a correction comes.</param>
    /// <param name="had">Whether the case has this code in the field already.</param>
    public static void Check(BoundField bound, JsonElement value, FormMode mode, Func<string, JsonElement?> find, DateOnly today, DateOnly filedOn, Func<string, bool> had, Report report)
    {
        FormField field = bound.Field;
        switch (field.Type)
        {
            case FieldType.Number:
                Number(field, value, mode, report);
                return;
            case FieldType.Boolean:
                Boolean(field, value, mode, report);
                return;
            case FieldType.Choices:
                Choices(bound, value, mode, today, had, report);
                return;
            default:
                if (Kept(field, value, report) is string text)
                {
                    Text(bound, text, mode, find, today, filedOn, had, report);
                }

                return;
        }
    }

    /// <summary>The date of a date or month value; a month counts as its first day.</summary>
    public static DateOnly? DateOf(JsonElement? value) => FormData.Text(value) is string text ? Parse(text) : null;

    private static void Text(BoundField bound, string text, FormMode mode, Func<string, JsonElement?> find, DateOnly today, DateOnly filedOn, Func<string, bool> had, Report report)
    {
        FormField field = bound.Field;
        bool submit = mode is FormMode.Submit;
        switch (field.Type)
        {
            case FieldType.Choice or FieldType.Region:
                Code(bound, text, today, had, report);
                break;
            case FieldType.Date or FieldType.Month when submit:
                Date(field, text, (name, day) => name == "today" ? day : DateOf(find(name)), today, filedOn, report);
                break;
            case FieldType.Email when submit && !Address().IsMatch(text):
                report(FormErrorCodes.BadFormat, $"“{field.Zh}”应为有效的电子邮箱地址", $"{field.En} must be an e-mail address");
                break;
            case FieldType.DocumentNumber when submit:
                DocumentNumber(bound, text, FormData.Text(find(field.Kind!)), report);
                break;
            case FieldType.Phone when submit && !MobileNumber().IsMatch(text):
                report(FormErrorCodes.BadFormat, $"“{field.Zh}”应为11位手机号码", $"{field.En} must be a mobile number of 11 digits");
                break;
            case FieldType.ResidentId when submit && !IdentityNumber().IsMatch(text):
                report(FormErrorCodes.BadFormat, $"“{field.Zh}”应为18位公民身份号码", $"{field.En} must be an identity number of 18 characters");
                break;
            case FieldType.ResidentId when submit && !bound.Check!(text):
                report(FormErrorCodes.CheckFailed, $"“{field.Zh}”校验不通过，请核对", $"{field.En} isn't a valid identity number; check the digits");
                break;
            case FieldType.File when !Reference().IsMatch(text):
                report(FormErrorCodes.BadFormat, $"“{field.Zh}”不是有效的附件编号，请重新上传", $"{field.En} must be the id of an uploaded file");
                break;
            case FieldType.Text when submit:
                FreeText(bound, text, report);
                break;
        }
    }

    // Every string is kept in the database, so each must be storable, and none may be longer than its field.
    private static string? Kept(FormField field, JsonElement value, Report report)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            report(FormErrorCodes.WrongType, $"“{field.Zh}”应为文字", $"{field.En} must be text");
            return null;
        }

        string? text = FormData.Text(value);
        if (text is null || text.Any(c => char.IsControl(c) && !(field.Multiline && c is '\n' or '\r' or '\t')))
        {
            report(FormErrorCodes.BadText, $"“{field.Zh}”含有无法保存的字符", $"{field.En} holds characters that can't be kept");
            return null;
        }

        int most = field.MaxLength ?? (field.Type is FieldType.Email ? LongestAddress : LongestReference);
        if (text.EnumerateRunes().Count() > most)
        {
            report(FormErrorCodes.TooLong, $"“{field.Zh}”不能超过{most}个字", $"{field.En} takes at most {most} characters");
            return null;
        }

        return text;
    }

    private static bool Code(BoundField bound, string code, DateOnly today, Func<string, bool> had, Report report)
    {
        FormField field = bound.Field;
        if (!bound.Codes!.TryGetValue(code, out CodeEntry? entry))
        {
            report(FormErrorCodes.NotInTable, $"“{field.Zh}”的选项无效，请重新选择", $"{field.En} isn't one of the choices");
            return false;
        }

        if (field.Type is FieldType.Region && (entry.Level is null || (field.Level is not null && entry.Level != field.Level)))
        {
            report(FormErrorCodes.WrongLevel, $"“{field.Zh}”应选择到{LevelZh(field.Level)}", $"{field.En} must be a {field.Level ?? "region"}");
            return false;
        }

        if (!entry.IsOffered(today) && !had(code))
        {
            report(FormErrorCodes.NotOffered, $"“{field.Zh}”的选项“{entry.Zh}”已停用，请重新选择", $"{field.En}: '{entry.En}' isn't offered any more; choose another");
            return false;
        }

        return true;
    }

    private static void Choices(BoundField bound, JsonElement value, FormMode mode, DateOnly today, Func<string, bool> had, Report report)
    {
        FormField field = bound.Field;
        if (value.ValueKind != JsonValueKind.Array)
        {
            report(FormErrorCodes.WrongType, $"“{field.Zh}”应为选项的列表", $"{field.En} must be a list of choices");
            return;
        }

        int count = value.GetArrayLength();
        if (count > Math.Min(bound.Codes!.Count, (int)(field.Max ?? int.MaxValue)))
        {
            report(FormErrorCodes.TooManyChoices, $"“{field.Zh}”最多选择{Math.Min(bound.Codes.Count, (int)(field.Max ?? int.MaxValue))}项", $"{field.En} takes at most {Math.Min(bound.Codes.Count, (int)(field.Max ?? int.MaxValue))} choices");
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (FormData.Text(item) is not string code)
            {
                report(FormErrorCodes.WrongType, $"“{field.Zh}”的选项应为文字", $"{field.En}: each choice must be text");
                return;
            }

            if (!Code(bound, code, today, had, report))
            {
                return;
            }

            if (!seen.Add(code))
            {
                report(FormErrorCodes.DuplicateField, $"“{field.Zh}”中“{bound.Codes[code].Zh}”重复选择", $"{field.En}: '{bound.Codes[code].En}' is chosen twice");
                return;
            }
        }

        if (mode is FormMode.Submit && count < field.Min)
        {
            report(FormErrorCodes.TooFewChoices, $"“{field.Zh}”至少选择{field.Min}项", $"{field.En} needs at least {field.Min} choices");
        }
    }

    private static void DocumentNumber(BoundField bound, string text, string? kind, Report report)
    {
        FormField field = bound.Field;

        // Without a kind there is nothing to hold it against; that the kind is missing or unknown is told at the kind.
        if (kind is null || !bound.Kinds!.TryGetValue(kind, out DocumentKind? document))
        {
            return;
        }

        CodeEntry entry = document.Entry;
        if (document.Pattern?.IsMatch(text) is false)
        {
            string zh = entry.HintZh is null ? "" : $"：{entry.HintZh}";
            string en = entry.HintEn is null ? "" : $": {entry.HintEn}";
            report(FormErrorCodes.BadFormat, $"“{field.Zh}”不符合{entry.Zh}的号码格式{zh}", $"{field.En} isn't the number of a {entry.En}{en}");
        }
        else if (document.Check?.Invoke(text) is false)
        {
            report(FormErrorCodes.CheckFailed, $"“{field.Zh}”校验不通过，请与{entry.Zh}核对", $"{field.En} doesn't pass its check; compare it with the {entry.En}");
        }
    }

    private static string LevelZh(string? level) => level switch { "province" => "省（自治区、直辖市）", "city" => "市", "district" => "区（县）", _ => "行政区划" };

    private static void FreeText(BoundField bound, string text, Report report)
    {
        FormField field = bound.Field;
        if (text.EnumerateRunes().Count() < field.MinLength)
        {
            report(FormErrorCodes.TooShort, $"“{field.Zh}”不能少于{field.MinLength}个字", $"{field.En} needs at least {field.MinLength} characters");
        }
        else if (bound.Pattern?.IsMatch(text) is false)
        {
            string zh = field.HelpZh is null ? "" : $"：{field.HelpZh}";
            string en = field.HelpEn is null ? "" : $": {field.HelpEn}";
            report(FormErrorCodes.BadFormat, $"“{field.Zh}”格式不正确{zh}", $"{field.En} has the wrong format{en}");
        }
        else if (bound.Check?.Invoke(text) is false)
        {
            report(FormErrorCodes.CheckFailed, $"“{field.Zh}”校验不通过，请核对", $"{field.En} doesn't pass its check; compare it with the document");
        }
    }

    private static void Date(FormField field, string text, Func<string, DateOnly, DateOnly?> dateOf, DateOnly today, DateOnly filedOn, Report report)
    {
        bool month = field.Type is FieldType.Month;
        if (text.Length != (month ? 7 : 10) || Parse(text) is not DateOnly date || date.Year is < 1900 or > 2100)
        {
            string form = month ? "2026-05" : "2026-05-31";
            report(FormErrorCodes.BadFormat, $"“{field.Zh}”格式不正确，应如{form}", $"{field.En} must be written like {form}");
        }
        else if (field.NotBefore is string first && dateOf(first, filedOn) is DateOnly from && date < from)
        {
            report(FormErrorCodes.WrongOrder, $"“{field.Zh}”不能早于{from:yyyy年M月}", $"{field.En} can't be before {from:yyyy-MM}");
        }
        else if (field.NotAfter is string last && dateOf(last, today) is DateOnly to && date > to)
        {
            report(FormErrorCodes.WrongOrder, $"“{field.Zh}”不能晚于{to:yyyy年M月d日}", $"{field.En} can't be after {to:yyyy-MM-dd}");
        }
    }

    private static void Number(FormField field, JsonElement value, FormMode mode, Report report)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out decimal number))
        {
            report(FormErrorCodes.WrongType, $"“{field.Zh}”应为数字", $"{field.En} must be a number");
        }
        else if (mode is FormMode.Submit && (number < field.Min || number > field.Max))
        {
            string zh = field.Min is null ? $"不大于{field.Max}" : field.Max is null ? $"不小于{field.Min}" : $"在{field.Min}至{field.Max}之间";
            report(FormErrorCodes.OutOfRange, $"“{field.Zh}”应{zh}", $"{field.En} must lie within {field.Min?.ToString(CultureInfo.InvariantCulture) ?? "-∞"} … {field.Max?.ToString(CultureInfo.InvariantCulture) ?? "∞"}");
        }
        else if (mode is FormMode.Submit && field.Decimals is int decimals && decimal.Round(number, decimals) != number)
        {
            report(FormErrorCodes.BadFormat, $"“{field.Zh}”最多{decimals}位小数", $"{field.En} takes at most {decimals} decimals");
        }
    }

    private static void Boolean(FormField field, JsonElement value, FormMode mode, Report report)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            report(FormErrorCodes.WrongType, $"“{field.Zh}”应为是或否", $"{field.En} must be yes or no");
        }
        else if (mode is FormMode.Submit && field.MustBe is bool wanted && wanted != (value.ValueKind is JsonValueKind.True))
        {
            report(FormErrorCodes.MustConfirm, $"请确认“{field.Zh}”", $"{field.En} must be confirmed");
        }
    }

    private static DateOnly? Parse(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) ? date : null;

    [GeneratedRegex(@"\A1[3-9][0-9]{9}\z", RegexOptions.CultureInvariant)]
    private static partial Regex MobileNumber();

    [GeneratedRegex(@"\A[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"\A[0-9]{17}[0-9Xx]\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdentityNumber();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
