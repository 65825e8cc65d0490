using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Talent.Workflows.Runtime.Tests")]
