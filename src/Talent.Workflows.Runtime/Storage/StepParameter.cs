using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>A typed parameter of a <see cref="StepPart"/>, written <c>@name</c> in its SQL.</summary>
public sealed record StepParameter(string Name, NpgsqlDbType Type);
