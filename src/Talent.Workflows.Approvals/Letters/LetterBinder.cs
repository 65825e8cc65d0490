using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Checks a service's letters against the texts, its own before the shared ones; everything wrong is reported at once.</summary>
internal sealed partial class LetterBinder(ServiceDefinition service, LetterSource? own, LetterSource shared)
{
    private readonly List<ContentError> errors = [];

    /// <param name="own">Null: the service has the shared letters.</param>
    /// <exception cref="ContentException">Something names an unknown field, event or stage, is missing or can't be read.</exception>
    public static LetterCatalogue Bind(ServiceDefinition service, LetterSource? own, LetterSource shared) => new LetterBinder(service, own, shared).Run();

    private LetterCatalogue Run()
    {
        var entries = own?.Definitions.Letters.Select(Whole) ?? shared.Definitions.Letters;
        List<Letter> letters = [];
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!kinds.Add(entry.Kind) || !KindName().IsMatch(entry.Kind))
                Wrong(At(entry), "the kind stands twice, or isn't a word of a-z, digits and hyphens");
            else if (Of(entry) is { } letter)
            {
                letters.Add(letter);
                if (!numbers.Add(letter.Number.Text))
                    Wrong($"{At(entry)}.number", $"'{letter.Number.Text}' numbers another kind already; tell them apart");
            }
        }
        foreach (var (source, all) in ((LetterSource?, IEnumerable<string>)[])[(own, kinds), (shared, shared.Definitions.Letters.Select(l => l.Kind))])
            foreach (var stray in (source?.Texts.Keys ?? []).Except(all.SelectMany(k => MessageLanguages.All.Select(l => FileName(k, l))), StringComparer.Ordinal).Order(StringComparer.Ordinal))
                errors.Add(new ContentError($"{LetterSource.Folder}/{stray}", "$", "the file belongs to no kind and language of letters.json; correct its name or add the kind"));
        var codes = new Dictionary<string, string>(shared.Definitions.Codes, StringComparer.Ordinal);
        foreach (var (organisation, code) in own?.Definitions.Codes ?? new Dictionary<string, string>())
            codes[organisation] = code;
        foreach (var (organisation, code) in codes)
            if (code.Length is 0 or > 20 || code.AsSpan().ContainsAny("{}/\\"))
                Wrong($"codes.{organisation}", "a code has 1 to 20 characters, none of them a brace or a slash");
        var reissuedBy = own?.Definitions.ReissuedBy ?? shared.Definitions.ReissuedBy ?? [];
        foreach (var role in reissuedBy.Where(r => r is "" or "applicant" or "expert"))
            Wrong("reissuedBy", $"'{role}' isn't a role of an office; name one such as bureau.superior");
        return errors.Count == 0 ? new LetterCatalogue(letters, codes, reissuedBy) : throw new ContentException(errors);
    }

    /// <summary>An entry of the service with what it leaves out as in the shared one.</summary>
    private LetterEntry Whole(LetterEntry entry) => shared.Definitions.Letters.FirstOrDefault(l => l.Kind == entry.Kind) is not { } common ? entry : entry with
    {
        Zh = entry.Zh ?? common.Zh,
        En = entry.En ?? common.En,
        On = entry.On ?? common.On,
        Stages = entry.Stages ?? common.Stages,
        ExceptStages = entry.ExceptStages ?? common.ExceptStages,
        Number = entry.Number ?? common.Number,
        Issuer = entry.Issuer ?? common.Issuer,
        Addressee = entry.Addressee ?? common.Addressee,
        Fields = entry.Fields ?? common.Fields,
        Remedy = entry.Remedy ?? common.Remedy,
        Attachments = entry.Attachments ?? common.Attachments,
    };

    private Letter? Of(LetterEntry entry)
    {
        var (before, at) = (errors.Count, At(entry));
        if (entry.Zh is not { Length: > 0 and <= 60 } || entry.En is not { Length: > 0 and <= 120 })
            Wrong(at, "give its title in zh and en");
        if (!string.IsNullOrEmpty(entry.On) && !LetterEvents.All.Contains(entry.On))
            Wrong($"{at}.on", $"'{entry.On}' isn't known; use one of {string.Join(", ", LetterEvents.All)}, or leave it empty for letters that the definition issues");
        var number = LetterNumberRule.Parse(entry.Number ?? "");
        if (number is null)
            Wrong($"{at}.number", $"'{entry.Number}' is no rule of a number; write it like {{issuer}}受字〔{{year}}〕{{serial}}号, or {{notice}} for the notice's own");
        else if (number.IsNotice && entry.On != LetterEvents.NoticeOpened)
            Wrong($"{at}.number", $"{{notice}} is known on {LetterEvents.NoticeOpened} alone");
        if (!LetterIssuers.All.Contains(entry.Issuer ?? ""))
            Wrong($"{at}.issuer", $"'{entry.Issuer}' isn't known; use one of {string.Join(", ", LetterIssuers.All)}");
        if (!LetterAddressees.All.Contains(entry.Addressee ?? ""))
            Wrong($"{at}.addressee", $"'{entry.Addressee}' isn't known; use one of {string.Join(", ", LetterAddressees.All)}");
        foreach (var stage in entry.Stages?.Where(s => service.Phases.SelectMany(p => p.Stages).All(k => k.Key != s)) ?? [])
            Wrong($"{at}.stages", $"'{stage}' is no stage of phases in service.json");
        foreach (var stage in entry.ExceptStages?.Where(s => service.Phases.SelectMany(p => p.Stages).All(k => k.Key != s)) ?? [])
            Wrong($"{at}.exceptStages", $"'{stage}' is no stage of phases in service.json");
        if (entry is { Stages.Count: > 0, ExceptStages.Count: > 0 })
            Wrong($"{at}.exceptStages", "an entry names the stages that issue it or those that don't, not both");
        if (entry.Kind == LetterKinds.Refusal && entry.Issuer != LetterIssuers.Employer && entry.Remedy is not { Zh.Length: > 0, En.Length: > 0 })
            Wrong($"{at}.remedy", "a refusal says how it can be reviewed (行政复议、行政诉讼); give the sentence in zh and en");
        if (entry.Remedy is { } remedy && (remedy.Zh.Contains("{{", StringComparison.Ordinal) || remedy.En.Contains("{{", StringComparison.Ordinal)))
            Wrong($"{at}.remedy", "it is a plain text without fields");
        foreach (var field in (entry.Fields ?? []).Select(Name).Where(f => !LetterFields.Known.ContainsKey(f) && !service.MessageFacts.ContainsKey(f)))
            Wrong($"{at}.fields", $"the field '{field}' isn't known; there are {string.Join(", ", LetterFields.Known.Keys.Concat(service.MessageFacts.Keys))}");
        var zh = Text(entry, MessageLanguages.Chinese);
        var en = Text(entry, MessageLanguages.English);
        return errors.Count > before ? null : new Letter(zh!, en!)
        {
            Kind = entry.Kind,
            Zh = entry.Zh!,
            En = entry.En!,
            On = string.IsNullOrEmpty(entry.On) ? null : entry.On,
            Stages = entry.Stages ?? [],
            ExceptStages = entry.ExceptStages ?? [],
            Number = number!,
            Issuer = entry.Issuer!,
            Addressee = entry.Addressee!,
            Fields = entry.Fields ?? [],
            Remedy = entry.Remedy,
            Attachments = entry.Attachments ?? [],
        };
    }

    private LetterBody? Text(LetterEntry entry, string language)
    {
        var name = FileName(entry.Kind, language);
        var file = $"{LetterSource.Folder}/{name}";
        if ((own?.Texts.GetValueOrDefault(name) ?? shared.Texts.GetValueOrDefault(name)) is not { } content)
        {
            errors.Add(new ContentError(file, "$", $"the file is missing; the letter '{entry.Kind}' needs one in each language"));
            return null;
        }
        var body = LetterBody.Parse(file, content, errors);
        var declared = (entry.Fields ?? []).Select(Name).ToHashSet(StringComparer.Ordinal);
        foreach (var field in body.Fields.Where(f => !declared.Contains(f)))
            errors.Add(new ContentError(file, $"{{{{{field}}}}}", $"the field '{field}' isn't one of the letter's: {string.Join(", ", declared)}"));
        return body;
    }

    /// <summary>Whether the definition issues letters that there are.</summary>
    /// <exception cref="ContentException">It names another.</exception>
    public static JsonNode CheckDefinition(LetterCatalogue letters, JsonNode definition)
    {
        ContentError[] unknown = [.. Issued(definition["root"]).Where(i => letters.Find(i.Kind) is null).Select(i => new ContentError("definition.json", $"{i.Activity}.{IssueLetter.KindInput}",
            $"the service has no letter '{i.Kind}'; {(letters.All.Count == 0 ? "it has none" : $"it has {string.Join(", ", letters.All.Select(l => l.Kind))}")}"))];
        return unknown.Length == 0 ? definition : throw new ContentException(unknown);
    }

    // Kinds that are computed are known when they are issued.
    private static IEnumerable<(string Activity, string Kind)> Issued(JsonNode? node) => node switch
    {
        JsonObject activity when (string?)(activity["type"] as JsonValue) == IssueLetter.TypeName =>
            activity[IssueLetter.KindInput]?["expression"] is JsonObject kind && (string?)(kind["type"] as JsonValue) == "Literal" && kind["value"] is JsonValue value && value.GetValueKind() == JsonValueKind.String
                ? [((string?)activity["id"] ?? "", (string)value!)] : [],
        JsonObject other => other.SelectMany(p => Issued(p.Value)),
        JsonArray array => array.SelectMany(Issued),
        _ => [],
    };

    private static string Name(string field) => field.TrimEnd('?');

    private static string FileName(string kind, string language) => $"{kind}.{language}.md";

    private static string At(LetterEntry entry) => $"letters[{entry.Kind}]";

    private void Wrong(string path, string message) => errors.Add(new ContentError(LetterSource.File, path, message));

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z")]
    private static partial Regex KindName();
}
