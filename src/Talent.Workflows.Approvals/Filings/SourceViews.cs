using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>A picture of the case to be read.</summary>
/// <param name="Slot">The material's slot in the case.</param>
/// <param name="Material">Its id.</param>
/// <param name="Rotate">Degrees clockwise by which it has to be turned to stand upright: 0, 90, 180 or 270. Kept with the material in the case.</param>
public sealed record AskRecognition(string? Slot = null, Guid? Material = null, int Rotate = 0);

/// <summary>重新获取 of shared data for the form.</summary>
/// <param name="FaceCheck">A face check of the applicant for <c>look-up</c> that was passed lately, and that nothing was done with yet (R-ACC-4).</param>
public sealed record AskSharedData(Guid? FaceCheck = null);

/// <summary>What was read on materials of a case (R-CASE-5).</summary>
public sealed record CaseRecognitionsView
{
    public required Guid CaseId { get; init; }

    /// <summary>In the order in which they were asked for.</summary>
    public required IReadOnlyList<RecognitionView> Recognitions { get; init; }
}

/// <summary>One recognition of a material.</summary>
public sealed record RecognitionView
{
    public required Guid Id { get; init; }

    /// <summary>The kind of document, such as <c>diploma</c>, or <c>shared-records</c>: what other offices know.</summary>
    public required string Kind { get; init; }

    /// <summary>The material that was read; null: none was.</summary>
    public required string? Slot { get; init; }

    /// <inheritdoc cref="Slot"/>
    public required Guid? Material { get; init; }

    /// <summary>Degrees clockwise by which the service was to turn it.</summary>
    public required int Rotation { get; init; }

    /// <summary>重新获取: it took the place of what was there; else it filled in empty fields alone.</summary>
    public required bool Replaces { get; init; }

    /// <summary><c>pending</c>, <c>read</c>, <c>nothing</c>, <c>refused</c>, <c>cancelled</c> or <c>lapsed</c>.</summary>
    public required Worded State { get; init; }

    public required DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What the form could have of it.</summary>
    public required IReadOnlyList<RecognitionSuggestion> Suggestions { get; init; }

    public required IReadOnlyList<NextAction> NextActions { get; init; }
}

/// <param name="Path">Of the form field, such as <c>companions[0].memberName</c>.</param>
/// <param name="Filled">Whether it went into the form.</param>
/// <param name="Replaced">What stood there before; null: nothing.</param>
public sealed record RecognitionSuggestion(string Path, string Zh, string En, string Value, bool Filled, string? Replaced);

/// <summary>Where the values of a case's form came from; no values.</summary>
public sealed record CaseSourcesView
{
    public required Guid CaseId { get; init; }

    /// <summary>Which hand-in is shown; null: as the form is now.</summary>
    public required int? HandIn { get; init; }

    /// <summary>By path. A value that was there before sources were kept isn't among them.</summary>
    public required IReadOnlyList<ValueSourceView> Fields { get; init; }
}

/// <param name="Path">Of the form field, such as <c>companions[0].memberName</c>.</param>
/// <param name="Source"><c>typed</c>, <c>profile</c>, <c>directory</c>, <c>recognition</c>, <c>shared</c> or <c>round</c>.</param>
/// <param name="At">When the value came in.</param>
/// <param name="By">Id of the user who typed it or had it read; null for who judges without knowing whom.</param>
public sealed record ValueSourceView(string Path, string Zh, string En, Worded Source, DateTimeOffset At, string? By)
{
    /// <summary>The document that it was read on: its slot, what that is called, and its id.</summary>
    public string? Slot { get; init; }

    /// <inheritdoc cref="Slot"/>
    public string? SlotZh { get; init; }

    /// <inheritdoc cref="Slot"/>
    public Guid? Material { get; init; }

    /// <summary>The round that it is from.</summary>
    public Guid? EarlierCase { get; init; }
}
