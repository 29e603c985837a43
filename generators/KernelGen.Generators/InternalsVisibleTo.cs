using System.Runtime.CompilerServices;

// The command prints plans and emitted code; no one else needs the generator's types.
[assembly: InternalsVisibleTo("KernelGen.Cli")]
