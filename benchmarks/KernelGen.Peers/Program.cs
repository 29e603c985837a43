using KernelGen.Peers;

return PeersCommand.Create(Console.Out).Parse(args).Invoke();
