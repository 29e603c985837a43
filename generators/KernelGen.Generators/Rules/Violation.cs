using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Rules;

/// <summary>A broken rule.</summary>
/// <param name="Descriptor">Which.</param>
/// <param name="At">Where, and what mends it.</param>
/// <param name="Arguments">Fill the message.</param>
internal sealed record Violation(DiagnosticDescriptor Descriptor, Fault At, params object[] Arguments);
