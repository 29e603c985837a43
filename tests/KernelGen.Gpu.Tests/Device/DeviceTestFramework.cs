using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace KernelGen.Gpu.Tests;

/// <summary>Finds the suite's cases where there is a device of the project's kind, and none elsewhere: one line says why.</summary>
public sealed class DeviceTestFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <inheritdoc/>
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo)
    {
        if (Subjects.WhyNone is not { } reason)
        {
            return base.CreateDiscoverer(assemblyInfo);
        }
        DiagnosticMessageSink.OnMessage(new DiagnosticMessage($"There is no {Subjects.DeviceKind} device to test: {reason}."));
        return new NoCases(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);
    }

    private sealed class NoCases(IAssemblyInfo assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkDiscoverer(assembly, sources, messages)
    {
        protected override bool FindTestsForType(
            ITestClass testClass,
            bool includeSourceInformation,
            IMessageBus messageBus,
            ITestFrameworkDiscoveryOptions discoveryOptions
        ) => true;
    }
}
