using System.Runtime.CompilerServices;

// The tests run every vector width on one machine, which public members choose by hardware.
[assembly: InternalsVisibleTo("KernelGen.Scaling.Tests")]
