namespace Talent.Workflows.Approvals.Materials;

/// <summary>One material of a library.</summary>
public sealed record MaterialView
{
    public required Guid Id { get; init; }
    public required MaterialOwner Owner { get; init; }
    public required string Name { get; init; }

    /// <summary><c>pdf</c>, <c>jpg</c> or <c>png</c>, by the content.</summary>
    public required string Kind { get; init; }

    /// <summary>In bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the content in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Of a picture, in pixels, before it is turned.</summary>
    public int? Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public int? Height { get; init; }

    /// <summary>Degrees clockwise by which a picture is to be shown turned: 0, 90, 180, 270. The content stays as it was uploaded.</summary>
    public required int Rotation { get; init; }

    /// <summary><c>unscanned</c>, <c>clean</c> or <c>found</c>: something was found, and nobody gets the file.</summary>
    public required string Scan { get; init; }

    /// <summary>What was found; null: nothing.</summary>
    public string? ScanResult { get; init; }

    /// <summary>Whether others than who uploaded it can fetch it, and cases can take it.</summary>
    public required bool Usable { get; init; }

    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>Id of the user.</summary>
    public required string UploadedBy { get; init; }

    /// <summary>In the answer to an upload: this file was in the library already, under this name, and isn't kept twice.</summary>
    public bool Duplicate { get; init; }
}

/// <summary>A content to send: whoever takes it disposes the stream.</summary>
public sealed record MaterialDownload(Stream Content, string MediaType, string FileName, string Sha256);

/// <summary>What a service asks for, with what the library has of it.</summary>
public sealed record MaterialProposals
{
    /// <summary>To be shown before anything is taken over, and confirmed once per filing: nothing classified (涉密) may be uploaded.</summary>
    public required string WarningZh { get; init; }

    /// <inheritdoc cref="WarningZh"/>
    public required string WarningEn { get; init; }

    public required IReadOnlyList<MaterialProposal> Items { get; init; }
}

/// <summary>One material of a service's list.</summary>
/// <param name="Key">As in the service's list.</param>
/// <param name="Phase">1 = 资格审核, 2 = 完善材料.</param>
/// <param name="Conditional">Asked for in some cases only.</param>
/// <param name="Materials">What would be taken, best first: of that name before those whose names hold it, newer before older; at most as many as are asked for. Only what is usable, of an allowed kind and size.</param>
public sealed record MaterialProposal(string Key, string Zh, string En, int Phase, bool Required, bool Conditional, IReadOnlyList<MaterialView> Materials);
