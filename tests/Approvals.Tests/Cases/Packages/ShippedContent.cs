using System.Runtime.CompilerServices;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Packages;

/// <summary>A copy of the shipped content that a test may change, and the checks that its forms name.</summary>
internal sealed class ShippedContent : IDisposable
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    public static readonly DateOnly Today = new(2026, 9, 21);

    /// <summary>GB 11643 check digit, worked out here on its own: the product's class is tested elsewhere.</summary>
    public static readonly IReadOnlyDictionary<string, TextCheck> Checks = new Dictionary<string, TextCheck>
    {
        ["residentId"] = text => text.Length == 18 && "10X98765432"[Enumerable.Range(0, 17).Sum(i => (text[i] - '0') * ((1 << (17 - i)) % 11)) % 11] == text[17],

        // GB 32100, likewise: weights are powers of 3 modulo 31.
        ["uscc"] = text => text.Length == 18 && Alphabet[(31 - (Enumerable.Range(0, 17).Sum(i => Alphabet.IndexOf(text[i], StringComparison.Ordinal) * (int)(System.Numerics.BigInteger.Pow(3, i) % 31)) % 31)) % 31] == text[17],
    };

    private readonly string _root = Directory.CreateTempSubdirectory("talent-content-").FullName;

    public ShippedContent()
    {
        Folder = Path.Combine(_root, "political-work-title");
        TemporaryFolder.Copy(Path.Combine(Workflows, "political-work-title"), Folder);
        TemporaryFolder.Copy(Path.Combine(Workflows, "shared", "messages"), SharedMessages);
        TemporaryFolder.Copy(Path.Combine(Workflows, "shared", "code-tables"), Path.Combine(_root, "shared", "code-tables"));
        TemporaryFolder.Copy(Path.Combine(Workflows, "shared", "letters"), SharedLetters);
        string definition = Path.Combine(Folder, "definition.json");
        if (!File.Exists(definition))
        {
            File.WriteAllText(definition, """{ "definitionId": "political-work-title", "root": {} }""");
        }
    }

    public string Folder { get; }

    /// <summary>The messages that all services have.</summary>
    public string SharedMessages => Path.Combine(_root, "shared", "messages");

    /// <summary>What all services have in common, as it is shipped.</summary>
    public static SharedContent Shared { get; } = SharedContent.Read(Path.Combine(RepositoryRoot(), "workflows", "shared"), Checks);

    /// <summary>The code tables that forms share.</summary>
    public static IReadOnlyDictionary<string, CodeTable> Tables => Shared.CodeTables;

    /// <summary>The letters that all services have.</summary>
    public string SharedLetters => Path.Combine(_root, "shared", "letters");

    public static string Workflows { get; } = Path.Combine(RepositoryRoot(), "workflows");

    public ServicePackage Load() => Load(Checks);

    public ServicePackage Load(IReadOnlyDictionary<string, TextCheck> checks) => ServicePackage.Load(Folder, SharedContent.Read(Path.Combine(_root, "shared"), checks));

    public IReadOnlyList<ContentError> Errors() => Assert.Throws<ContentException>(Load).Errors;

    public string Read(string file) => File.ReadAllText(PathOf(file));

    public void Write(string file, string text) => File.WriteAllText(PathOf(file), text);

    /// <summary>A file of the service or, when it has none of that name, of all services.</summary>
    public string PathOf(string file) => Path.Combine(!File.Exists(Path.Combine(Folder, file)) && File.Exists(Path.Combine(SharedMessages, file)) ? SharedMessages : Folder, file);

    /// <summary>Replaces a text that must be there, so that a test can't pass by missing it.</summary>
    public void Replace(string file, string old, string with)
    {
        string text = Read(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        Write(file, text.Replace(old, with, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string RepositoryRoot([CallerFilePath] string source = "")
    {
        DirectoryInfo? at = new FileInfo(source).Directory;
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Talent.Workflows.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("The tests must run from a checkout.");
    }
}
