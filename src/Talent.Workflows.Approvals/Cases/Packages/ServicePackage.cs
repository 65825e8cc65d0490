using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>
/// Everything a service is: a folder under <c>workflows/</c>, read and checked as a whole. Immutable; safe to share.
/// </summary>
public sealed record ServicePackage
{
    private ServicePackage() { }

    public required ServiceDefinition Service { get; init; }
    public required Form Form { get; init; }
    public required MaterialList Materials { get; init; }
    public required MessageCatalogue Messages { get; init; }
    public required LetterCatalogue Letters { get; init; }
    public required IReadOnlyList<ServiceSample> Samples { get; init; }

    /// <summary>Who may file by which condition, and the questionnaire: <c>conditions.json</c>, <c>questionnaire.json</c>. Null: the service has none.</summary>
    public EligibilityRules? Eligibility { get; init; }

    /// <summary>The bytes of <c>definition.json</c>, for the engine to read.</summary>
    public required ReadOnlyMemory<byte> Definition { get; init; }

    /// <summary>Where <c>definition.json</c> was read; null for a service that was made in the designer.</summary>
    public string? DefinitionPath { get; init; }

    /// <summary>
    /// SHA-256 in lower-case hex over every file that decides how the service behaves; samples and README aren't among them.
    /// The same content gives the same version on every machine.
    /// </summary>
    public required string Version { get; init; }

    /// <summary>Reads and checks a service's folder.</summary>
    /// <param name="folder">Such as <c>workflows/political-work-title</c>; its name is the service's id.</param>
    /// <exception cref="ContentException">Something can't be used; the errors name file, path and what to do.</exception>
    public static ServicePackage Load(string folder, SharedContent shared)
    {
        if (!Directory.Exists(folder))
        {
            throw new ContentException(folder, "$", "the service's folder doesn't exist");
        }

        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        T Parse<T>(string file) => ContentFile.Parse<T>(file, files[file] = ContentFile.Bytes(folder, file));

        List<ContentError> errors = [];
        ServiceDefinition? service = Try(() => Parse<ServiceDefinition>("service.json"), errors);
        Form? form = Try(() => Form.Bind(Parse<FormDefinition>("form.json"), shared.TextChecks, "form.json", shared.CodeTables), errors);
        MaterialRequirements? requirements = Try(() => Parse<MaterialRequirements>("materials.json"), errors);
        MessageSource? own = MessageSource.IsIn(folder) ? Try(() => MessageSource.Read(folder), errors) : null;
        MessageSource messages = own is null ? shared.Messages : shared.Messages.With(own);
        JsonNode? definition = Try(() => JsonNode.Parse(Parse<JsonElement>("definition.json").GetRawText()) ?? new JsonObject(), errors);
        List<ServiceSample>? samples = Try(() => ReadSamples(folder), errors);
        if (service is not null && form is not null)
        {
            Try(() => ServiceChecks.Check(service, form, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))), errors);
        }

        if (service is not null && definition is not null)
        {
            Try(() => ServiceChecks.CheckDefinition(service, definition), errors);
            if (form is not null)
            {
                Try(() => ServiceChecks.CheckDecisions(service, form, definition), errors);
            }
        }

        EligibilityRules? eligibility = Try(() => EligibilityFiles.Read(folder, form, files), errors);
        MaterialList? materials = requirements is null || form is null ? null : Try(() => MaterialList.Bind(requirements, form), errors);
        MessageCatalogue? catalogue = service is null || (own is null && MessageSource.IsIn(folder))
            ? null
            : Try(() => MessageBinder.Bind(service, messages.Definitions, messages.Templates), errors);
        LetterSource? ownLetters = LetterSource.IsIn(folder) ? Try(() => LetterSource.Read(folder), errors) : null;
        LetterCatalogue? letters = service is null || (ownLetters is null && LetterSource.IsIn(folder)) ? null : Try(() => LetterBinder.Bind(service, ownLetters, shared.Letters), errors);
        if (letters is not null && definition is not null)
        {
            Try(() => LetterBinder.CheckDefinition(letters, definition), errors);
        }

        foreach ((string name, byte[] bytes) in shared.Letters.Files)
        {
            files[$"shared/letters/{name}"] = bytes;
        }

        foreach ((string name, byte[] bytes) in ownLetters?.Files ?? new Dictionary<string, byte[]>())
        {
            files[name] = bytes;
        }

        foreach ((string name, byte[] bytes) in messages.Files)
        {
            files[name] = bytes;
        }

        if (form is not null)
        {
            // The shared tables that the form uses are part of what it says.
            files["form"] = Encoding.UTF8.GetBytes(form.Text);
        }

        return errors.Count > 0 ? throw new ContentException(errors) : new ServicePackage
        {
            Service = service!,
            Form = form!,
            Materials = materials!,
            Messages = catalogue!,
            Letters = letters!,
            Samples = samples!,
            Eligibility = eligibility,
            Definition = files["definition.json"],
            DefinitionPath = Path.GetFullPath(Path.Combine(folder, "definition.json")),
            Version = Hash(files),
        };
    }

    /// <summary>The service that a published definition from the designer is: one phase, the messages that all services have, no materials.</summary>
    /// <remarks>It has the letters of all services, and issues those that its definition asks for.</remarks>
    /// <exception cref="ContentException">The shared messages or letters can't be used.</exception>
    public static ServicePackage Designed(WorkflowDefinition definition, FilingTerms terms, SharedContent shared)
    {
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(definition.Document);
        ServiceDefinition service = new()
        {
            Id = definition.DefinitionId,
            NumberCode = terms.NumberCode,
            Zh = terms.Zh,
            En = terms.En,
            SummaryZh = terms.Zh,
            SummaryEn = terms.En,
            FiledBy = terms.FiledBy,
            Hotline = new ServiceHotline(terms.Phone, terms.Hours, terms.Hours),
            Phases = [new ServicePhase { Phase = 1, Zh = "申报", En = "Application", Stages = [] }],
            Routing = new ServiceRouting { Facts = [], Organisations = new Dictionary<string, string>() },
            Texts = new Dictionary<string, ServiceText>(),
        };
        return new ServicePackage
        {
            Service = service,
            Form = terms.Form,
            Materials = MaterialList.Bind(new MaterialRequirements { WarningZh = "请勿上传涉密材料。", WarningEn = "Don't upload anything classified.", Items = [] }, terms.Form),
            Messages = MessageBinder.Bind(service, shared.Messages.Definitions, shared.Messages.Templates),
            Letters = LetterBinder.Bind(service, null, shared.Letters),
            Samples = [],
            Definition = document,
            Version = Hash(new SortedDictionary<string, byte[]>(shared.Messages.Files.ToDictionary(), StringComparer.Ordinal) { ["definition.json"] = document }),
        };
    }

    /// <summary>The service with another version of its form. Its materials are those that are asked for now, as far as that form can name them.</summary>
    internal ServicePackage With(Form form)
    {
        MaterialList materials = Materials;
        try
        {
            materials = MaterialList.Bind(Materials.Requirements, form);
        }
        catch (ContentException)
        {
            // The list speaks of fields that the form of then doesn't have: it is used as it is, and what it asks of them is found empty.
        }

        return this with { Form = form, Materials = materials };
    }

    private static List<ServiceSample> ReadSamples(string folder)
    {
        string path = Path.Combine(folder, "samples");
        string[] names = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.json").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)] : [];
        return [.. names.Select(n => ContentFile.Parse<ServiceSample>($"samples/{n}", ContentFile.Bytes(path, n)))];
    }

    // Line ends are left out of the hash, so that a checkout on another system has the same version.
    private static string Hash(SortedDictionary<string, byte[]> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, byte[] bytes) in files)
        {
            byte[] content = [.. bytes.Where(b => b != (byte)'\r')];
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{content.Length}\n"));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static T? Try<T>(Func<T?> read, List<ContentError> errors) where T : class
    {
        try
        {
            return read();
        }
        catch (ContentException e)
        {
            errors.AddRange(e.Errors);
            return null;
        }
    }
}
